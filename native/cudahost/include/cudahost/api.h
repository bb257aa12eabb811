/* The C interface of libksuite_cudahost: device memory, libraries of kernels compiled for the host, and launches that report what a
   kernel did wrong. Plain C types only. Every function may be called from any thread; launches of one process run one after the
   other. Nothing here throws, and no function keeps a pointer that it was given beyond the call, except where it says so. */
#ifndef CUDAHOST_API_H
#define CUDAHOST_API_H

#include <stdint.h>

#ifdef __cplusplus
extern "C"
{
#endif

#define CUDAHOST_API __attribute__((visibility("default")))

/* The interface's version: kernel libraries and callers built for another number are refused. */
#define CUDAHOST_VERSION 2

    typedef enum cudahost_status
    {
        CUDAHOST_OK = 0,
        CUDAHOST_INVALID = 1,       /* an argument is wrong; the text of cudahost_last_error names it */
        CUDAHOST_NOT_FOUND = 2,     /* no such program or kernel in the libraries that are open */
        CUDAHOST_OUT_OF_MEMORY = 3, /* memory or address space is used up */
        CUDAHOST_LOAD_FAILED = 4,   /* a kernel library could not be opened or is of another version */
        CUDAHOST_FAULT = 5,         /* the kernel did something wrong; the fault structure says what, who and where */
        CUDAHOST_IO = 6             /* a file of a recording could not be written or read */
    } cudahost_status;

    typedef enum cudahost_fault_kind
    {
        CUDAHOST_FAULT_NONE = 0,
        CUDAHOST_FAULT_OUT_OF_BOUNDS = 1,         /* outside every allocation and array, or past the end of one */
        CUDAHOST_FAULT_FREED = 2,                 /* inside an allocation that has been freed */
        CUDAHOST_FAULT_MISALIGNED = 3,            /* address not a multiple of the access's natural alignment */
        CUDAHOST_FAULT_UNINITIALISED_SHARED = 4,  /* shared memory read before it was written, or before its cp.async was waited for */
        CUDAHOST_FAULT_RACE = 5,                  /* two threads, shared memory, at least one write, nothing that orders them */
        CUDAHOST_FAULT_DIVERGENT_BARRIER = 6,     /* threads of one block wait at different barriers */
        CUDAHOST_FAULT_MISMATCHED_COLLECTIVE = 7, /* lanes of one mask call different warp operations, or a lane is not in its own mask */
        CUDAHOST_FAULT_DEADLOCK = 8,              /* every thread that is left waits for one that can never come */
        CUDAHOST_FAULT_SHARED_LIMIT = 9,          /* static and dynamic shared memory exceed the limit */
        CUDAHOST_FAULT_STACK_OVERFLOW = 10,       /* a thread used more stack than KSUITE_CUDAHOST_STACK gives */
        CUDAHOST_FAULT_INVALID_OPERATION = 11,    /* an operation with operands the hardware does not have */
        CUDAHOST_FAULT_TRAP = 12,                 /* __trap() or a failed assert in the kernel */
        CUDAHOST_FAULT_TIMEOUT = 13               /* the launch ran longer than cudahost_options allow */
    } cudahost_fault_kind;

    /* What a kernel did wrong. Texts are UTF-8, always terminated, shortened where they do not fit. Fields that do not apply are 0. */
    typedef struct cudahost_fault
    {
        int32_t kind;            /* cudahost_fault_kind */
        int32_t is_write;        /* 1: a store or an atomic operation, 0: a load or no access */
        uint32_t block[3];       /* blockIdx of the thread that was stopped */
        uint32_t thread[3];      /* its threadIdx */
        int32_t has_other;       /* 1: `other` names a second thread: the other side of a race or of a mismatch */
        uint32_t other[3];       /* threadIdx of the second thread, of the same block */
        uint64_t address;        /* first byte of the access */
        uint64_t bytes;          /* its size */
        uint64_t object_address; /* the allocation or array that it hit or came nearest to */
        uint64_t object_bytes;   /* its size */
        int64_t offset;          /* address - object_address: negative when the access lies before it */
        uint64_t past_end;       /* distance from the object's end to the access's first byte when it lies past it, else 0 */
        uint64_t module_offset;  /* where in the module the access is: what addr2line takes */
        int32_t line;            /* source line, 0 if not known */
        int32_t other_line;      /* source line of the second thread's access or wait */
        char kernel[128];
        char object[128]; /* such as "shared array 'tile'", "allocation of 4096 bytes" */
        char file[256];   /* source file, empty if not known */
        char other_file[256];
        char module[256];   /* path of the kernel library */
        char message[2048]; /* one sentence; for barriers and collectives followed by who waits where */
    } cudahost_fault;

    /* Facts about one kernel. The pointers stay valid while its library is open. */
    typedef struct cudahost_kernel_info
    {
        const char* program;             /* path of the source below its root, such as "attention/attention_forward.cl" */
        const char* options;             /* its build options, separated by single blanks; may be empty */
        const char* name;                /* the kernel's name */
        const uint32_t* parameter_bytes; /* size of each parameter, parameter_count of them */
        uint32_t parameter_count;
        uint32_t group_shape[2]; /* the shape that GROUP_SHAPE fixes, or 0, 0 where the kernel has none */
        uint32_t max_threads;    /* threads a block may have: product of the shape, or 1024 */
    } cudahost_kernel_info;

    /* How to run a launch. All zero is the default. */
    typedef struct cudahost_options
    {
        uint32_t workers;         /* OS threads that run blocks; 0: one a core. With 1 everything runs in the same order every time */
        uint32_t races;           /* 1: look for races in shared memory (slower) */
        uint32_t shared_limit;    /* bytes of static and dynamic shared memory a block may have; 0: 232448 (227 KiB, as sm_90) */
        uint32_t timeout_seconds; /* longer than this the launch is stopped with a fault; 0: never. A loop without any load, store,
                                     barrier or warp operation cannot be stopped */
    } cudahost_options;

    /* Counts of one launch. */
    typedef struct cudahost_statistics
    {
        uint64_t blocks;         /* blocks that ran to their end */
        uint64_t threads;        /* threads that were started */
        uint64_t switches;       /* changes from one thread to another */
        uint64_t barriers;       /* block and named barriers that were completed */
        uint64_t collectives;    /* warp operations that were completed */
        uint64_t async_copies;   /* cp.async copies that were carried out */
        uint64_t shared_static;  /* the most bytes of static shared memory that a block used */
        uint64_t shared_dynamic; /* bytes of dynamic shared memory of a block */
    } cudahost_statistics;

    typedef struct cudahost_library cudahost_library;
    typedef struct cudahost_program cudahost_program;
    typedef struct cudahost_kernel cudahost_kernel;

    /* CUDAHOST_VERSION of the library that is loaded. */
    CUDAHOST_API int32_t cudahost_version(void);

    /* What the last call of this thread that did not return CUDAHOST_OK has to say. Valid until the thread's next call. Never null. */
    CUDAHOST_API const char* cudahost_last_error(void);

    /* Memory that kernels may use. 256-byte aligned, zeroed, readable and writable by the host at the same address; a gap that nothing
       owns lies before and after. A size of 0 is CUDAHOST_INVALID. */
    CUDAHOST_API int32_t cudahost_memory_allocate(uint64_t bytes, void** address);
    /* Frees an allocation (null: nothing). Its address range stays unused for a while, so that late accesses are recognised. */
    CUDAHOST_API int32_t cudahost_memory_free(void* address);
    /* Bytes allocated now, and bytes of address space that allocations can have altogether. Either may be null. */
    CUDAHOST_API int32_t cudahost_memory_total(uint64_t* allocated, uint64_t* capacity);

    /* Opens a library of kernels by path. Opening the same file again gives the same handle, and needs as many closes. */
    CUDAHOST_API int32_t cudahost_library_open(const char* path, cudahost_library** library);
    /* Closes it: its programs and kernels must not be used any more. Waits for a launch that is running. */
    CUDAHOST_API int32_t cudahost_library_close(cudahost_library* library);
    CUDAHOST_API uint32_t cudahost_library_program_count(const cudahost_library* library);
    /* The program at an index, in the order of program and options; null past the end. */
    CUDAHOST_API const cudahost_program* cudahost_library_program(const cudahost_library* library, uint32_t index);

    /* The program of that source and those options in any open library, the one opened last first: CUDAHOST_NOT_FOUND names the options
       that the source is there with. Options are compared as text. */
    CUDAHOST_API int32_t cudahost_program_find(const char* source, const char* options, const cudahost_program** program);
    CUDAHOST_API uint32_t cudahost_program_kernel_count(const cudahost_program* program);
    CUDAHOST_API const char* cudahost_program_source(const cudahost_program* program);
    CUDAHOST_API const char* cudahost_program_options(const cudahost_program* program);
    CUDAHOST_API const cudahost_kernel* cudahost_program_kernel(const cudahost_program* program, uint32_t index);
    CUDAHOST_API int32_t cudahost_program_find_kernel(const cudahost_program* program, const char* name, const cudahost_kernel** kernel);
    CUDAHOST_API int32_t cudahost_kernel_get_info(const cudahost_kernel* kernel, cudahost_kernel_info* info);

    /* Runs a kernel and waits for it. arguments holds one pointer a parameter, to the value. grid and block have three elements each.
       options may be null (defaults), fault may be null. CUDAHOST_FAULT: the launch was stopped at the first fault; memory holds whatever
       had been written by then. CUDAHOST_INVALID: nothing ran. */
    CUDAHOST_API int32_t cudahost_launch(const cudahost_kernel* kernel, const uint32_t grid[3], const uint32_t block[3],
        uint32_t dynamic_shared_bytes, void* const* arguments, const cudahost_options* options, cudahost_fault* fault);

    /* Counts of this thread's last launch. */
    CUDAHOST_API int32_t cudahost_launch_statistics(cudahost_statistics* statistics);

#ifdef __cplusplus
}
#endif

#endif
