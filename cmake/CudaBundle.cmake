# Writes one family's bundle: the PTX and cubins of its programs and index.json, which says what they are, what they were compiled from, and
# what ptxas said of each kernel. Run with cmake -P and LIST, WORK, OUT, COMPILER, ARCHITECTURES (separated by commas). Lines of LIST:
#   source|path|file   header|path|file   program|source|options|stem|targets
cmake_minimum_required(VERSION 3.25)

# kernels_of(<ptx> <names-var> <threads-var>): entry points with the threads that a block may have at most, 0 where the text sets no bound.
function(kernels_of ptx names_var threads_var)
  file(STRINGS "${ptx}" lines REGEX "^[^/]*\\.(entry|maxntid|reqntid)[ \t]")
  set(names "")
  set(threads "")
  foreach(line IN LISTS lines)
    if(line MATCHES "\\.entry[ \t]+([A-Za-z_$][A-Za-z0-9_$]*)")
      list(APPEND names "${CMAKE_MATCH_1}")
      list(APPEND threads 0)
    elseif(names AND line MATCHES "\\.(maxntid|reqntid)[ \t]+([0-9, \t]+)")
      string(REPLACE "," "*" product "${CMAKE_MATCH_2}")
      math(EXPR product "${product}")
      list(POP_BACK threads)
      list(APPEND threads "${product}")
    endif()
  endforeach()
  if(NOT names)
    message(FATAL_ERROR "${ptx} holds no kernel. A source that CUDA compiles has at least one KERNEL.")
  endif()
  set(${names_var} "${names}" PARENT_SCOPE)
  set(${threads_var} "${threads}" PARENT_SCOPE)
endfunction()

# read_log(<log>): sets registers_<kernel> and its relatives from what ptxas -v wrote, in the caller. Functions that were not inlined have
# figures of their own; what they spill counts for every kernel of the program, since ptxas does not say who calls them.
macro(read_log log)
  file(STRINGS "${log}" lines)
  set(entry "")
  set(function "")
  set(function_stores 0)
  set(function_loads 0)
  foreach(line IN LISTS lines)
    if(line MATCHES "Compiling entry function '([^']+)'")
      set(entry "${CMAKE_MATCH_1}")
      set(function "${entry}")
      set(registers_${entry} "")
      set(stack_${entry} "")
    elseif(line MATCHES "Function properties for '?([^' ]+)")
      set(function "${CMAKE_MATCH_1}")
    elseif(line MATCHES "([0-9]+) bytes stack frame, ([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads")
      if(function STREQUAL entry)
        set(stack_${entry} "${CMAKE_MATCH_1}")
        set(stores_${entry} "${CMAKE_MATCH_2}")
        set(loads_${entry} "${CMAKE_MATCH_3}")
      else()
        math(EXPR function_stores "${function_stores} + ${CMAKE_MATCH_2}")
        math(EXPR function_loads "${function_loads} + ${CMAKE_MATCH_3}")
      endif()
    elseif(line MATCHES "Used ([0-9]+) registers(.*)$")
      set(registers_${entry} "${CMAKE_MATCH_1}")
      set(rest "${CMAKE_MATCH_2}")
      set(shared_${entry} 0)
      set(constant_${entry} 0)
      if(rest MATCHES "([0-9]+) bytes smem")
        set(shared_${entry} "${CMAKE_MATCH_1}")
      endif()
      string(REGEX MATCHALL "[0-9]+ bytes cmem" banks "${rest}")
      foreach(bank IN LISTS banks)
        string(REGEX MATCH "^[0-9]+" bytes "${bank}")
        math(EXPR constant_${entry} "${constant_${entry}} + ${bytes}")
      endforeach()
    endif()
  endforeach()
endmacro()

set(sources_json "")
set(programs_json "")
set(files index.json)
file(STRINGS "${LIST}" entries)
foreach(entry_line IN LISTS entries)
  string(REPLACE "|" ";" fields "${entry_line}")
  list(POP_FRONT fields kind)
  if(kind MATCHES "^(source|header)$")
    list(GET fields 0 path)
    list(GET fields 1 file)
    file(SHA256 "${file}" hash)
    list(APPEND sources_json "{ \"path\": \"${path}\", \"sha256\": \"${hash}\" }")
    continue()
  endif()

  list(GET fields 0 source)
  list(GET fields 1 options)
  list(GET fields 2 stem)
  list(GET fields 3 targets)
  string(REPLACE " " ";" targets "${targets}")
  set(ptx "")
  set(images "")
  foreach(target IN LISTS targets)
    set(file "${stem}.${target}.cubin")
    if(target MATCHES "^compute_")
      set(file "${stem}.${target}.ptx")
      set(ptx "${WORK}/${file}")
    endif()
    file(SHA256 "${WORK}/${file}" hash)
    file(SIZE "${WORK}/${file}" bytes)
    list(APPEND images "{ \"target\": \"${target}\", \"file\": \"${file}\", \"bytes\": ${bytes}, \"sha256\": \"${hash}\" }")
    list(APPEND files "${file}")
  endforeach()

  kernels_of("${ptx}" kernels threads)
  foreach(kernel IN LISTS kernels)
    set(resources_of_${kernel} "")
  endforeach()
  foreach(target IN LISTS targets)
    if(NOT target MATCHES "^sm_")
      continue()
    endif()
    foreach(kernel IN LISTS kernels)
      set(registers_${kernel} "")
    endforeach()
    read_log("${WORK}/${stem}.${target}.cubin.log")
    foreach(kernel IN LISTS kernels)
      if(registers_${kernel} STREQUAL "" OR stack_${kernel} STREQUAL "")
        message(FATAL_ERROR "${WORK}/${stem}.${target}.cubin.log does not say what ${kernel} uses: this ptxas writes another form than cmake/CudaBundle.cmake reads.")
      endif()
      math(EXPR stores "${stores_${kernel}} + ${function_stores}")
      math(EXPR loads "${loads_${kernel}} + ${function_loads}")
      list(APPEND resources_of_${kernel}
        "{ \"target\": \"${target}\", \"registers\": ${registers_${kernel}}, \"shared_bytes\": ${shared_${kernel}}, \"stack_bytes\": ${stack_${kernel}}, \"spill_store_bytes\": ${stores}, \"spill_load_bytes\": ${loads}, \"constant_bytes\": ${constant_${kernel}} }")
    endforeach()
  endforeach()
  set(kernels_json "")
  foreach(kernel bound IN ZIP_LISTS kernels threads)
    list(JOIN resources_of_${kernel} ",\n            " resources)
    list(APPEND kernels_json "{ \"name\": \"${kernel}\", \"max_threads\": ${bound}, \"resources\": [\n            ${resources}\n          ] }")
  endforeach()
  list(JOIN images ",\n        " images)
  list(JOIN kernels_json ",\n        " kernels_json)
  list(APPEND programs_json "{
      \"name\": \"${source}\",
      \"options\": \"${options}\",
      \"images\": [
        ${images}
      ],
      \"kernels\": [
        ${kernels_json}
      ]
    }")
endforeach()

list(JOIN sources_json ",\n    " sources_json)
list(JOIN programs_json ",\n    " programs_json)
string(REPLACE "," "\", \"" architectures "${ARCHITECTURES}")
file(WRITE "${WORK}/index.json"
"{
  \"schema\": 1,
  \"compiler\": \"${COMPILER}\",
  \"architectures\": [\"${architectures}\"],
  \"sources\": [
    ${sources_json}
  ],
  \"programs\": [
    ${programs_json}
  ]
}
")

# The same input gives the same entries in the same order with a fixed time (only the times of access that the archive also keeps differ).
# Written under another name first, so that it is whole or not there.
get_filename_component(folder "${OUT}" DIRECTORY)
file(MAKE_DIRECTORY "${folder}")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -E tar cf "${OUT}.tmp" --format=zip "--mtime=1980-01-02 00:00:00 UTC" -- ${files}
  WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(NOT result EQUAL 0)
  file(REMOVE "${OUT}.tmp")
  message(FATAL_ERROR "${OUT} cannot be written: ${said}")
endif()
file(RENAME "${OUT}.tmp" "${OUT}")
