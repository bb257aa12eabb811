// Switching between the stacks of one OS thread: a dozen instructions on x86-64, ucontext elsewhere.
#ifndef CUDAHOST_CONTEXT_H
#define CUDAHOST_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define CUDAHOST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CUDAHOST_ASAN 1
#endif
#endif
#ifndef CUDAHOST_ASAN
#define CUDAHOST_ASAN 0
#endif

namespace cudahost
{
struct context
{
#if defined(__x86_64__)
    void* pointer = nullptr;
#else
    ucontext_t place;
#endif
    // What AddressSanitizer wants to know of a stack.
    const void* bottom = nullptr;
    size_t bytes = 0;
    void* fake_stack = nullptr;
};

// Makes a context that begins in entry, which must never return, at the top of a stack; `skew` bytes at the top stay unused.
void context_prepare(context& made, uint8_t* stack, size_t bytes, size_t skew, void (*entry)());

// Leaves `from` and goes on in `to`; returns when something switches back.
void context_switch(context& from, context& to);

// To be called first in an entry: tells AddressSanitizer where the switch came from, and takes note of that stack.
void context_entered(context& from);
} // namespace cudahost

#endif
