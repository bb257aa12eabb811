# Assembles PTX for one architecture and keeps what ptxas says about registers and memory. Run with cmake -P and PTXAS, PTX, TARGET, CUBIN,
# WHAT; writes CUBIN and CUBIN.log.
cmake_minimum_required(VERSION 3.25)
execute_process(
  COMMAND "${PTXAS}" -v --warning-as-error "-arch=${TARGET}" "${PTX}" -o "${CUBIN}"
  RESULT_VARIABLE result OUTPUT_VARIABLE log ERROR_VARIABLE log)
if(NOT result EQUAL 0)
  file(REMOVE "${CUBIN}" "${CUBIN}.log")
  message(FATAL_ERROR "ptxas ${TARGET} refuses ${WHAT}:\n${log}")
endif()
file(WRITE "${CUBIN}.log" "${log}")
