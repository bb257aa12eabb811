# cudahost_kernel_library(<target> <root> [<include>...]): one shared library with every CUDA variant of every source below <root>. Each
# variant is a generated file that includes the source in a namespace of its own and lists the kernels that its text declares.
function(cudahost_kernel_library target root)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${root}" "${root}/*.cl" "${root}/*.cu")
  file(GLOB_RECURSE lists CONFIGURE_DEPENDS "${root}/variants-cuda.txt")
  list(SORT sources)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${lists})

  # Every load and store is announced to the runtime, so none may hide in a vector of several.
  set(instrument -fsanitize=thread,alignment -fno-tree-vectorize -fno-tree-slp-vectorize)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    set(instrument -fsanitize=thread,alignment -fno-vectorize -fno-slp-vectorize)
  endif()
  # Every function looks for enough stack before it begins; both compilers have that on x86-64 only.
  set(split_stack OFF)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND NOT KSUITE_SANITIZE)
    set(split_stack ON)
    list(APPEND instrument -fsplit-stack)
  endif()
  if(KSUITE_SANITIZE STREQUAL "address")
    set(instrument -fsanitize=address -fno-omit-frame-pointer)
  endif()

  set(generated "")
  foreach(source IN LISTS sources)
    # What only one architecture's instructions can say has no twins.
    if(source MATCHES "_sm90a\\.cu$")
      continue()
    endif()
    cuda_variants_of("${root}" "${source}" variants)
    if(NOT variants)
      continue()
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${root}/${source}")
    _cudahost_kernels("${root}/${source}" entries)
    foreach(options IN LISTS variants)
      string(STRIP "${options}" options)
      string(SHA256 key "${source} ${options}")
      string(SUBSTRING "${key}" 0 12 key)
      get_filename_component(stem "${source}" NAME_WE)
      get_filename_component(family "${source}" DIRECTORY)
      set(file "${CMAKE_CURRENT_BINARY_DIR}/${target}/${family}/${stem}-${key}.cpp")
      file(CONFIGURE OUTPUT "${file}" @ONLY CONTENT
"// Generated from @source@. The headers come first: inside the namespace they would be declared anew.
#define CUDAHOST_SOURCE \"@source@\"
#define CUDAHOST_OPTIONS \"@options@\"
#include <cudahost/kernel.h>
#include <cudahost/ptx.h>
namespace
{
#include \"@root@/@source@\"
@entries@}
")
      separate_arguments(arguments UNIX_COMMAND "${options}")
      set_source_files_properties("${file}" PROPERTIES COMPILE_OPTIONS "${arguments}")
      list(APPEND generated "${file}")
    endforeach()
  endforeach()

  add_library(${target} SHARED ${CMAKE_CURRENT_SOURCE_DIR}/src/kernel_table.cpp ${generated})
  target_compile_definitions(${target} PRIVATE KSUITE_CUDAHOST=1 $<$<BOOL:${split_stack}>:CUDAHOST_SPLIT_STACK=1>)
  target_include_directories(${target} PRIVATE "${root}" ${ARGN})
  # Lines as DWARF 4: addr2line takes version 5's file numbers of included text for the including file's.
  target_compile_options(${target} PRIVATE -O2 -g1 -gdwarf-4 -Wall -Werror -Wno-unknown-pragmas -fno-exceptions -fno-rtti -ffp-contract=off -fno-plt)
  set_source_files_properties(${generated} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  foreach(file IN LISTS generated)
    set_property(SOURCE "${file}" APPEND PROPERTY COMPILE_OPTIONS ${instrument})
  endforeach()
  # Calls that the compiler makes of larger copies come by the runtime too.
  set(link -Wl,-z,defs)
  if(KSUITE_SANITIZE STREQUAL "address")
    set(link -fsanitize=address)
  else()
    list(APPEND link -Wl,--wrap=memcpy -Wl,--wrap=memmove -Wl,--wrap=memset)
  endif()
  target_link_options(${target} PRIVATE ${link})
  target_link_libraries(${target} PRIVATE ksuite_cudahost m)
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    BUILD_RPATH "$ORIGIN"
    BUILD_RPATH_USE_ORIGIN ON
    LIBRARY_OUTPUT_DIRECTORY "${KSUITE_NATIVE_DIR}")
  list(LENGTH generated count)
  message(STATUS "cudahost: ${count} programs of ${target}")
endfunction()

# One CUDAHOST_ENTRY a kernel: KERNEL [GROUP_SHAPE(x, y)] void name(.
function(_cudahost_kernels path entries_var)
  file(READ "${path}" text)
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")
  string(REGEX MATCHALL "KERNEL[ \t\r\n]+(GROUP_SHAPE\\([^;{}]*\\)[ \t\r\n]+)?void[ \t\r\n]+[A-Za-z_0-9]+[ \t\r\n]*\\(" found "${text}")
  set(entries "")
  foreach(match IN LISTS found)
    string(REGEX MATCH "void[ \t\r\n]+([A-Za-z_0-9]+)[ \t\r\n]*\\($" name "${match}")
    set(name "${CMAKE_MATCH_1}")
    set(shape "0, 0")
    if(match MATCHES "GROUP_SHAPE\\((.*)\\)[ \t\r\n]+void")
      set(shape "${CMAKE_MATCH_1}")
    endif()
    string(APPEND entries "CUDAHOST_ENTRY(${name}, ${shape})\n")
  endforeach()
  if(entries STREQUAL "")
    message(FATAL_ERROR "${path} declares no kernel: KERNEL [GROUP_SHAPE(x, y)] void name(...).")
  endif()
  set(${entries_var} "${entries}" PARENT_SCOPE)
endfunction()
