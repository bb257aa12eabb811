# Writes the bundle: every .cl with its includes in place, and manifest.json with the SHA-256 of every source and what was checked.
# Run with cmake -P and KERNELS, OUT, LISTS, STANDARD, CLANG, COMPILER; CLANG is empty where nothing could be checked.
cmake_minimum_required(VERSION 3.25)

# The list files hold one entry a line.
function(read_lines file var)
  file(STRINGS "${file}" lines)
  set(kept "")
  foreach(line IN LISTS lines)
    string(STRIP "${line}" line)
    if(NOT line STREQUAL "")
      list(APPEND kept "${line}")
    endif()
  endforeach()
  set(${var} "${kept}" PARENT_SCOPE)
endfunction()

# Replaces each include by the header's text, each header once; looks beside the including file, then below KERNELS. An include under a
# condition is one for CUDA and cudahost; an #error takes its place, for which OpenCL C never comes by.
function(flatten file var)
  file(READ "${KERNELS}/${file}" text)
  set(guard 0)
  if(text MATCHES "^[^#]*#[ \t]*ifndef[ \t]+([A-Za-z0-9_]+)[^\n]*\n[ \t]*#[ \t]*define[ \t]+([A-Za-z0-9_]+)" AND CMAKE_MATCH_1 STREQUAL CMAKE_MATCH_2)
    set(guard 1)
  endif()
  get_filename_component(folder "${file}" DIRECTORY)
  while(text MATCHES "(^|\n)([ \t]*#[ \t]*include[ \t]+[\"<]([^\">\n]+)[\">][^\n]*)")
    set(directive "${CMAKE_MATCH_2}")
    set(name "${CMAKE_MATCH_3}")
    string(FIND "${text}" "${directive}" at)
    string(LENGTH "${directive}" length)
    math(EXPR after "${at} + ${length}")
    string(SUBSTRING "${text}" 0 ${at} before)
    string(SUBSTRING "${text}" ${after} -1 rest)
    string(REGEX MATCHALL "(^|\n)[ \t]*#[ \t]*if" opened "${before}")
    string(REGEX MATCHALL "(^|\n)[ \t]*#[ \t]*endif" closed "${before}")
    list(LENGTH opened opened)
    list(LENGTH closed closed)
    math(EXPR depth "${opened} - ${closed}")
    if(depth GREATER guard)
      set(text "${before}#error ${name} is included under a condition, so it is not for OpenCL C${rest}")
      continue()
    endif()
    set(header "")
    foreach(candidate "${folder}/${name}" "${name}")
      cmake_path(NORMAL_PATH candidate)
      string(REGEX REPLACE "^/" "" candidate "${candidate}")
      if(EXISTS "${KERNELS}/${candidate}" AND NOT candidate MATCHES "^\\.\\.")
        set(header "${candidate}")
        break()
      endif()
    endforeach()
    if(header STREQUAL "")
      message(FATAL_ERROR "${file}: \"${name}\" is neither beside it nor below ${KERNELS}")
    endif()
    get_property(seen GLOBAL PROPERTY flattened)
    set(inlined "// ${header} is above")
    if(NOT header IN_LIST seen)
      set_property(GLOBAL APPEND PROPERTY flattened "${header}")
      flatten("${header}" inlined)
      set(inlined "// ---- ${header}\n${inlined}// ---- back in ${file}")
    endif()
    set(text "${before}${inlined}${rest}")
  endwhile()
  set(${var} "${text}" PARENT_SCOPE)
endfunction()

function(json_string text var)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  set(${var} "\"${text}\"" PARENT_SCOPE)
endfunction()

function(json_array items var)
  list(JOIN items ",\n    " body)
  if(NOT body STREQUAL "")
    set(body "\n    ${body}\n  ")
  endif()
  set(${var} "[${body}]" PARENT_SCOPE)
endfunction()

read_lines("${LISTS}/bundle-sources.txt" files)
read_lines("${LISTS}/bundle-variants.txt" variants)
# cuda/ is other commands' output; the rest is written anew.
file(GLOB old "${OUT}/*")
list(REMOVE_ITEM old "${OUT}/cuda")
if(old)
  file(REMOVE_RECURSE ${old})
endif()
file(MAKE_DIRECTORY "${OUT}")

set(sources_json "")
foreach(file IN LISTS files)
  file(SHA256 "${KERNELS}/${file}" hash)
  json_string("${file}" path)
  list(APPEND sources_json "{ \"path\": ${path}, \"sha256\": \"${hash}\" }")
  if(NOT file MATCHES "\\.cl$")
    continue()
  endif()

  set_property(GLOBAL PROPERTY flattened "${file}")
  flatten("${file}" text)
  file(WRITE "${OUT}/${file}" "${text}")

  # The sources themselves are checked before this runs; here only that flattening kept them whole, with the first set of options.
  # A function of a header that goes unused counts as unused here, where it now stands in the main text.
  if(CLANG)
    foreach(variant IN LISTS variants)
      if(variant MATCHES "^${file}( (.*))?$")
        separate_arguments(options UNIX_COMMAND "${CMAKE_MATCH_2}")
        execute_process(
          COMMAND "${CLANG}" -x cl -cl-std=${STANDARD} -Xclang -finclude-default-header -Wall -Werror -Wno-unused-function -fsyntax-only ${options} "${OUT}/${file}"
          RESULT_VARIABLE result ERROR_VARIABLE log)
        if(NOT result EQUAL 0)
          message(FATAL_ERROR "The flattened ${file} does not compile:\n${log}")
        endif()
        break()
      endif()
    endforeach()
  endif()
endforeach()

set(variants_json "")
foreach(variant IN LISTS variants)
  json_string("${variant}" text)
  list(APPEND variants_json "${text}")
endforeach()
json_array("${sources_json}" sources_json)
json_array("${variants_json}" variants_json)
json_string("${COMPILER}" compiler)
set(checked "false")
if(CLANG)
  set(checked "true")
endif()

# The manifest is written last, under another name first: it stands for a whole bundle.
file(WRITE "${OUT}/manifest.json.tmp"
"{
  \"schema\": 1,
  \"checked\": ${checked},
  \"compiler\": ${compiler},
  \"standard\": \"${STANDARD}\",
  \"sources\": ${sources_json},
  \"variants\": ${variants_json}
}
")
file(RENAME "${OUT}/manifest.json.tmp" "${OUT}/manifest.json")
