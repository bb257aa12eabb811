# cuda_bundles(<root> <out> <name> <headers>...): compiles the CUDA variants of every source below <root> and writes <out>/<family>.zip for
# each folder of it; <name> becomes a target. <headers> are files that any source may include, as paths below kernels/.
#
# One variant is one nvcc -ptx, for the oldest architecture that it is for, and one ptxas per architecture. Each is a command of its own:
# make and ninja run them side by side and repeat only what has changed.
function(cuda_bundles root out name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE "${root}" "${root}/*.cl" "${root}/*.cu")
  file(GLOB_RECURSE own_headers CONFIGURE_DEPENDS RELATIVE "${root}" "${root}/*.h" "${root}/*.cuh")
  file(GLOB_RECURSE lists CONFIGURE_DEPENDS "${root}/variants-cuda.txt")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${lists})
  list(SORT sources)

  # path|sha lines of the index and dependencies of the commands; a header of <root> hides one of kernels/ that bears its name.
  set(header_paths "")
  set(header_entries "")
  foreach(header IN LISTS own_headers)
    list(APPEND header_paths "${root}/${header}")
    list(APPEND header_entries "header|${header}|${root}/${header}")
  endforeach()
  foreach(header IN LISTS ARGN)
    if(NOT header IN_LIST own_headers)
      list(APPEND header_paths "${CMAKE_SOURCE_DIR}/kernels/${header}")
      list(APPEND header_entries "header|${header}|${CMAKE_SOURCE_DIR}/kernels/${header}")
    endif()
  endforeach()

  # Commands do not run again because their text changes, so what it holds beside the key is in a file that they depend on.
  set(work "${CMAKE_BINARY_DIR}/cuda/${name}")
  set(flags -std=c++17 --Werror all-warnings ${KSUITE_CUDA_HOST_FLAGS})
  file(CONFIGURE OUTPUT "cuda/${name}/toolchain.txt" CONTENT "${KSUITE_CUDA_NVCC} ${KSUITE_CUDA_PTXAS} ${KSUITE_CUDA_VERSION} ${flags}\n" @ONLY)

  set(families "")
  set(left_out "")
  set(programs 0)
  foreach(source IN LISTS sources)
    cuda_variants_of("${root}" "${source}" variants conditions)
    if(NOT variants)
      continue()
    endif()
    if(NOT source MATCHES "^([A-Za-z0-9_]+)/")
      message(FATAL_ERROR "${root}/${source}: a CUDA source belongs into the folder of a family, whose name is letters, digits and '_'.")
    endif()
    set(family "${CMAKE_MATCH_1}")
    set(family_used FALSE)
    foreach(options condition IN ZIP_LISTS variants conditions)
      string(STRIP "${options}" options)
      _cuda_targets("${source}" "${condition}" targets reason)
      if(NOT targets)
        list(APPEND left_out "${source} ${options} (${reason})")
        continue()
      endif()
      math(EXPR programs "${programs} + 1")
      _cuda_program("${root}" "${source}" "${options}" "${targets}")
      list(APPEND ${family}_outputs ${outputs})
      list(APPEND ${family}_entries "program|${source}|${options}|${stem}|${targets_written}")
      set(family_used TRUE)
    endforeach()
    if(family_used)
      list(APPEND families "${family}")
      list(APPEND ${family}_entries "source|${source}|${root}/${source}")
      list(APPEND ${family}_paths "${root}/${source}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES families)

  # A zip that nothing here makes is of an earlier build.
  file(GLOB present "${out}/*.zip")
  foreach(zip IN LISTS present)
    get_filename_component(family "${zip}" NAME_WE)
    if(NOT family IN_LIST families)
      file(REMOVE "${zip}")
    endif()
  endforeach()

  set(zips "")
  foreach(family IN LISTS families)
    string(REPLACE ";" "\n" lines "${${family}_entries};${header_entries}")
    file(CONFIGURE OUTPUT "cuda/${name}/${family}.txt" CONTENT "${lines}\n" @ONLY)
    list(JOIN KSUITE_CUDA_ARCHITECTURES "," architectures)
    add_custom_command(
      OUTPUT "${out}/${family}.zip"
      COMMAND "${CMAKE_COMMAND}" "-DLIST=${work}/${family}.txt" "-DWORK=${work}/${family}" "-DOUT=${out}/${family}.zip"
              "-DCOMPILER=nvcc ${KSUITE_CUDA_VERSION}" "-DARCHITECTURES=${architectures}" -P "${CMAKE_SOURCE_DIR}/cmake/CudaBundle.cmake"
      DEPENDS ${${family}_outputs} ${${family}_paths} ${header_paths} "${work}/${family}.txt" "${work}/toolchain.txt" "${CMAKE_SOURCE_DIR}/cmake/CudaBundle.cmake"
      COMMENT "Bundling CUDA programs into ${out}/${family}.zip"
      VERBATIM)
    list(APPEND zips "${out}/${family}.zip")
  endforeach()
  add_custom_target(${name} ALL DEPENDS ${zips})

  foreach(item IN LISTS left_out)
    message(NOTICE "CUDA: left out ${item}")
  endforeach()
  list(JOIN families ", " shown)
  message(STATUS "CUDA: ${programs} programs of ${name} (${shown})")
endfunction()

# What a variant is compiled for, oldest first: numbers, or 90a. Empty with a reason where nothing is.
function(_cuda_targets source condition targets_var reason_var)
  set(targets ${KSUITE_CUDA_ARCHITECTURES})
  set(reason "")
  if(source MATCHES "_sm90a\\.cu$")
    # 90a code runs on 9.0 alone and uses what older toolkits cannot assemble.
    if(KSUITE_CUDA_VERSION VERSION_LESS 12.0)
      set(reason "sm_90a needs nvcc 12.0 or newer, this is ${KSUITE_CUDA_VERSION}")
    elseif(NOT "90" IN_LIST targets)
      set(reason "90 is not among KSUITE_CUDA_ARCHS")
    endif()
    set(targets 90a)
  endif()
  string(STRIP "${condition}" condition)
  separate_arguments(conditions UNIX_COMMAND "${condition}")
  foreach(item IN LISTS conditions)
    if(item MATCHES "^nvcc>=(.*)$" AND KSUITE_CUDA_VERSION VERSION_LESS CMAKE_MATCH_1)
      set(reason "needs nvcc ${CMAKE_MATCH_1} or newer, this is ${KSUITE_CUDA_VERSION}")
    elseif(item STREQUAL "cudahost")
      set(reason "for cudahost alone")
    elseif(item MATCHES "^sm_(.*)$" AND NOT targets STREQUAL "90a")
      set(oldest "${CMAKE_MATCH_1}")
      set(kept "")
      foreach(target IN LISTS targets)
        if(NOT target LESS oldest)
          list(APPEND kept "${target}")
        endif()
      endforeach()
      set(targets "${kept}")
      if(NOT kept AND reason STREQUAL "")
        set(reason "KSUITE_CUDA_ARCHS has nothing from ${oldest} on")
      endif()
    endif()
  endforeach()
  if(NOT reason STREQUAL "")
    set(targets "")
  endif()
  set(${targets_var} "${targets}" PARENT_SCOPE)
  set(${reason_var} "${reason}" PARENT_SCOPE)
endfunction()

# The commands of one program. A macro: it reads and sets the variables of cuda_bundles (outputs, stem, targets_written).
macro(_cuda_program root source options targets)
  string(SHA256 key "${source} ${options}")
  string(SUBSTRING "${key}" 0 12 key)
  get_filename_component(stem "${source}" NAME_WE)
  set(stem "${stem}-${key}")
  set(base "${work}/${family}/${stem}")
  separate_arguments(arguments UNIX_COMMAND "${options}")
  set(target_list ${targets})
  list(GET target_list 0 oldest)
  set(ptx "${base}.compute_${oldest}.ptx")
  add_custom_command(
    OUTPUT "${ptx}"
    COMMAND "${KSUITE_CUDA_NVCC}" -ptx -arch=compute_${oldest} ${flags} -x cu ${arguments} "-I${root}" "-I${CMAKE_SOURCE_DIR}/kernels" -o "${ptx}" "${root}/${source}"
    DEPENDS "${root}/${source}" ${header_paths} "${work}/toolchain.txt"
    COMMENT "Compiling ${source} ${options}"
    VERBATIM)
  set(outputs "${ptx}")
  set(targets_written "")
  foreach(target IN LISTS target_list)
    set(cubin "${base}.sm_${target}.cubin")
    add_custom_command(
      OUTPUT "${cubin}" "${cubin}.log"
      COMMAND "${CMAKE_COMMAND}" "-DPTXAS=${KSUITE_CUDA_PTXAS}" "-DPTX=${ptx}" "-DTARGET=sm_${target}" "-DCUBIN=${cubin}" "-DWHAT=${source} ${options}"
              -P "${CMAKE_SOURCE_DIR}/cmake/CudaAssemble.cmake"
      DEPENDS "${ptx}" "${work}/toolchain.txt" "${CMAKE_SOURCE_DIR}/cmake/CudaAssemble.cmake"
      COMMENT ""
      VERBATIM)
    list(APPEND outputs "${cubin}" "${cubin}.log")
    string(APPEND targets_written "sm_${target} ")
  endforeach()
  # PTX for 90a fits no other GPU, and that one has its cubin; but the parameters of the kernels are read from it.
  string(APPEND targets_written "compute_${oldest}")
  file(MAKE_DIRECTORY "${work}/${family}")
endmacro()
