#include "source_lines.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace cudahost
{
namespace
{
constexpr int answer_milliseconds = 10000;

// What a program prints, up to 64 KiB; empty where it cannot be run.
std::string output_of(const std::vector<std::string>& command)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return "";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    std::vector<char*> arguments;
    for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    // A worker blocks all signals; what it starts must not.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t child = 0;
    int status = posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    std::string text;
    if (status == 0)
    {
        bool ended = false;
        while (text.size() < 65536)
        {
            pollfd waiting = {ends[0], POLLIN, 0};
            if (poll(&waiting, 1, answer_milliseconds) <= 0) break;
            char buffer[4096];
            ssize_t count = read(ends[0], buffer, sizeof(buffer));
            if (count <= 0)
            {
                ended = true;
                break;
            }
            text.append(buffer, static_cast<size_t>(count));
        }
        if (!ended) kill(child, SIGKILL);
        // A host that collects all children itself leaves none here.
        waitpid(child, nullptr, 0);
    }
    close(ends[0]);
    return text;
}
} // namespace

source_line source_of(const void* code)
{
    source_line found;
    if (code == nullptr) return found;
    Dl_info info;
    if (dladdr(code, &info) == 0 || info.dli_fname == nullptr) return found;
    found.module = info.dli_fname;
    // One back: a return address is already in the next statement.
    found.module_offset = reinterpret_cast<uintptr_t>(code) - reinterpret_cast<uintptr_t>(info.dli_fbase) - 1;
    char offset[32];
    snprintf(offset, sizeof(offset), "0x%llx", static_cast<unsigned long long>(found.module_offset));
    std::string text = output_of({"addr2line", "-i", "-e", found.module, offset});
    // Inlined calls come innermost first: the first line that is not in this project's own headers is the kernel's.
    size_t begin = 0;
    while (begin < text.size())
    {
        size_t end = text.find('\n', begin);
        if (end == std::string::npos) end = text.size();
        std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        size_t colon = line.rfind(':');
        if (colon == std::string::npos || line[0] == '?') continue;
        int number = atoi(line.c_str() + colon + 1);
        if (number == 0) continue;
        found.file = line.substr(0, colon);
        found.line = number;
        if (found.file.find("/include/cudahost/") == std::string::npos) break;
    }
    return found;
}
} // namespace cudahost
