#!/usr/bin/env bash
# Builds, runs and tests KernelSuite. ./build.sh help lists what it can do.
set -euo pipefail

ROOT="$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd)"
cd "$ROOT"
# shellcheck source=scripts/cuda.sh
. scripts/cuda.sh

MIN_SDK=10.0.100
SOLUTION=KernelSuite.sln
PUBLISH=artifacts/publish/ksuite
RESULTS=artifacts/test-results
LAUNCHER=artifacts/ksuite
KERNELS=artifacts/kernels.json

CONFIGURATION=Release
INSTALL=yes

# The SDK writes below HOME and stops where there is no ICU; neither is a given on a build machine.
export HOME="${HOME:-/tmp}"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_UI_LANGUAGE=en
if ! compgen -G '/usr/lib*/**/libicuuc.so.*' >/dev/null && ! compgen -G '/usr/lib*/libicuuc.so.*' >/dev/null; then
  export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
fi
if [[ ${CI:-} == true ]]; then export MSBUILDDISABLENODEREUSE=1; fi

usage() {
  cat <<'TEXT'
Usage: ./build.sh COMMAND [options]

  run      build, then the main job: validate and time attention on every device found
  build    check the prerequisites, check and bundle the device code, build everything; ends with artifacts/ksuite
  test     build, check formatting and device code, run every test; ends with "N passed, N failed, N skipped"
  bench    build, then time every operation, and PyTorch beside it where python3 has torch
  format   apply dotnet format and clang-format
  clean    delete artifacts/
  help     this text

  --with-cuda            install Debian's CUDA toolkit where there is no nvcc (non-free, several GB); implied by test where CI=true
  --without-cuda         leave CUDA programs out, even where there is an nvcc
  --no-install           only list missing prerequisites, install nothing
  --configuration NAME   Release (default) or Debug
TEXT
}

# ---- saying what is done --------------------------------------------------------------------------------------------------------

step() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
warn() { printf '    warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  if (($# > 0)); then printf '       %s\n' "$@" >&2; fi
  exit 1
}

# Shows a command, then runs it.
run() {
  printf '    $'
  printf ' %q' "$@"
  printf '\n'
  "$@"
}

has() { command -v "$1" >/dev/null 2>&1; }

# ---- prerequisites --------------------------------------------------------------------------------------------------------------

check_sdk() {
  local next="Install the .NET 10 SDK from https://dotnet.microsoft.com/download/dotnet/10.0, or: curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0"
  if ! has dotnet && [[ -x $HOME/.dotnet/dotnet ]]; then export PATH="$HOME/.dotnet:$PATH"; fi
  has dotnet || die "the .NET SDK $MIN_SDK or newer is needed, and there is no dotnet on the PATH." "$next"

  # --list-sdks does not read global.json, so it can tell "too old" from "not there".
  local newest
  newest="$(dotnet --list-sdks | awk '{ print $1 }' | sort -V | tail -n 1)"
  [[ -n $newest ]] || die "the .NET SDK $MIN_SDK or newer is needed; $(command -v dotnet) has a runtime only." "$next"
  if [[ $(printf '%s\n' "$MIN_SDK" "$newest" | sort -V | head -n 1) != "$MIN_SDK" ]]; then
    die "the .NET SDK $MIN_SDK or newer is needed; the newest at $(command -v dotnet) is $newest." "$next"
  fi
  local chosen
  chosen="$(dotnet --version)" || die "no installed .NET SDK fits global.json (the newest is $newest)." "$next"
  note ".NET SDK $chosen at $(command -v dotnet)"
}

clang_for_opencl() {
  local name
  for name in clang-14 clang clang-15 clang-16 clang-17 clang-18 clang-19 clang-20 clang-21; do
    if has "$name" && "$name" --version | grep -Eq 'clang version (1[4-9]|[2-9][0-9])'; then return 0; fi
  done
  return 1
}

has_opencl_loader() { ldconfig -p 2>/dev/null | grep -q 'libOpenCL\.so\.1' || /sbin/ldconfig -p 2>/dev/null | grep -q 'libOpenCL\.so\.1'; }
has_opencl_driver() { [[ -n ${OCL_ICD_VENDORS:-}${OCL_ICD_FILENAMES:-} ]] || compgen -G '/etc/OpenCL/vendors/*.icd' >/dev/null; }

PACKAGES=()
WHY=()
want() { # want PACKAGE REASON PROBE...
  local package=$1 reason=$2
  shift 2
  if "$@"; then return 0; fi
  PACKAGES+=("$package")
  WHY+=("$reason")
}

# Fills PACKAGES and WHY with what COMMAND lacks.
find_missing() {
  PACKAGES=()
  WHY=()
  case $1 in
    format)
      want clang-format-14 "formats device code" has_clang_format
      return
      ;;
  esac
  want cmake "drives the check of the device code" has cmake
  want make "runs the device code checks that CMake sets up" has_make
  want clang-14 "compiles the device code for checking" clang_for_opencl
  want_cuda
  case $1 in
    run | bench | test)
      want ocl-icd-libopencl1 "the OpenCL loader, libOpenCL.so.1" has_opencl_loader
      want pocl-opencl-icd "an OpenCL device that runs on the CPU" has_opencl_driver
      ;;
  esac
  if [[ $1 == test ]]; then
    want g++ "builds cudahost, which executes CUDA programs on the CPU" has_cxx
    want clinfo "tells whether an OpenCL device can be opened" has clinfo
    want oclgrind "runs kernels under a race and bounds checker" has oclgrind
    want clang-format-14 "checks the formatting of device code" has_clang_format
    want libglpk40 "linear programs that verdicts are compared with" has_glpk
    want m4 "expands models of counters that are written with its macros" has m4
    want graphviz "draws models of counters" has dot
    want valgrind "counts a program's cache misses exactly, for models of counters" has valgrind
  fi
}

has_make() { has make || has ninja; }
has_glpk() { ldconfig -p 2>/dev/null | grep -q 'libglpk\.so\.40' || /sbin/ldconfig -p 2>/dev/null | grep -q 'libglpk\.so\.40'; }
has_cxx() { has "${CXX:-c++}" || has g++ || has clang++; }
has_clang_format() { has clang-format-14 || has clang-format; }

show_missing() {
  local i
  for i in "${!PACKAGES[@]}"; do note "missing: ${PACKAGES[$i]} (${WHY[$i]})"; done
}

check_prerequisites() {
  local command=$1
  step "Checking prerequisites for $command"
  settle_cuda "$command"
  if [[ $command != format ]] || has dotnet; then check_sdk; fi
  find_missing "$command"
  if ((${#PACKAGES[@]} == 0)); then
    note "nothing is missing"
  else
    show_missing
    local install="apt-get update && apt-get install -y --no-install-recommends ${PACKAGES[*]}"
    if [[ $INSTALL == no ]]; then
      note "not installed, because of --no-install; to install: $install"
    elif ! has apt-get; then
      note "no apt-get here; install the counterparts of these Debian packages: ${PACKAGES[*]}"
    elif [[ $(id -u) != 0 ]]; then
      note "installing needs root: sudo sh -c '$install'"
    else
      install_packages
    fi
    find_missing "$command"
  fi
  require_prerequisites "$command"
  if [[ $command == format ]]; then return 0; fi
  require_cuda "$command"
  if ! has_cxx; then note "no C++ compiler: going on without cudahost, which executes CUDA programs on the CPU (Debian: g++)"; fi
}

install_packages() {
  step "Installing ${PACKAGES[*]}"
  export DEBIAN_FRONTEND=noninteractive
  run apt-get update -q || warn "apt-get update failed; trying with the package lists that are there"
  if [[ " ${PACKAGES[*]} " == *" nvidia-cuda-toolkit-gcc "* ]]; then
    enable_non_free
    run apt-get update -q || warn "apt-get update failed; trying with the package lists that are there"
  fi
  run apt-get install -y -q --no-install-recommends "${PACKAGES[@]}" || warn "apt-get install failed; its words are above"
}

# What is still missing stops a test run, which would otherwise pass without having looked; the rest goes on with what is there.
require_prerequisites() {
  if ((${#PACKAGES[@]} == 0)); then return 0; fi
  case $1 in
    test | format) die "$1 needs ${PACKAGES[*]}, which are not installed." "Install them (command above), then run ./build.sh $1 again." ;;
    *) warn "going on without ${PACKAGES[*]}" ;;
  esac
}

require_opencl_device() {
  step "Looking for an OpenCL device"
  local devices
  devices="$(clinfo --list 2>&1)" || true
  if ! grep -q 'Device #' <<<"$devices"; then
    die "no OpenCL device can be opened, and the tests need one. clinfo says: ${devices:-nothing}" \
      "Install pocl-opencl-icd and ocl-icd-libopencl1, or unset OCL_ICD_VENDORS and OCL_ICD_FILENAMES."
  fi
  while IFS= read -r line; do note "$line"; done <<<"$devices"
}

# ---- building -------------------------------------------------------------------------------------------------------------------

# Checks, compiles and bundles device code. Without CMake the suite still builds: MSBuild embeds the text by itself, unchecked.
build_device_code() {
  step "Checking, compiling and bundling device code"
  if ! has cmake || ! has_make; then
    warn "no cmake or make: the device code is embedded unchecked, without CUDA programs and without cudahost"
    rm -rf artifacts/device artifacts/device-tests artifacts/native
    return 0
  fi
  local preset=device
  if [[ $1 == test ]]; then preset=device-strict; fi
  local generator=()
  if ! has make; then generator=(-G Ninja); fi
  local cuda=()
  mapfile -t cuda < <(cuda_cmake_arguments "$1")
  run cmake --preset "$preset" "${generator[@]}" "${cuda[@]}" --log-level=NOTICE
  run cmake --build --preset "$preset" --parallel "$(nproc)"
  note "artifacts/device: $(grep -c '"sha256"' artifacts/device/manifest.json || true) sources, checked: $(grep -q '"checked": true' artifacts/device/manifest.json && echo yes || echo no)"
}

build_managed() {
  step "Building $SOLUTION ($CONFIGURATION)"
  run dotnet build "$SOLUTION" -c "$CONFIGURATION" -v quiet
}

publish_launcher() {
  step "Publishing ksuite to $PUBLISH"
  run dotnet publish src/KernelSuite.Cli/KernelSuite.Cli.csproj -c "$CONFIGURATION" --no-build -o "$PUBLISH" -v quiet
  # The launcher finds the program from its own place, so it works from any folder and through links. It asks for dotnet by name
  # first, and else takes the one that built it.
  local temporary="$LAUNCHER.$$.tmp"
  cat >"$temporary" <<TEXT
#!/bin/sh
# Written by build.sh; runs the ksuite that is published beside it.
here=\$(dirname -- "\$(readlink -f -- "\$0")")
dotnet=\${DOTNET_ROOT:+\$DOTNET_ROOT/dotnet}
if [ ! -x "\$dotnet" ]; then dotnet=\$(command -v dotnet || echo $(printf '%q' "$(command -v dotnet)")); fi
if [ ! -x "\$dotnet" ]; then
  echo "ksuite: the .NET 10 runtime is needed, and there is no dotnet on the PATH; set DOTNET_ROOT to its folder." >&2
  exit 127
fi
exec "\$dotnet" "\$here/publish/ksuite/ksuite.dll" "\$@"
TEXT
  chmod +x "$temporary"
  mv -f "$temporary" "$LAUNCHER"
  note "$LAUNCHER is ready"
}

# What the kernels of CUDA programs use, as a file; `ksuite kernels` shows it.
report_kernels() {
  step "Writing $KERNELS"
  rm -f "$KERNELS"
  "$LAUNCHER" kernels --output "$KERNELS" --format json >/dev/null
  note "$(sed -n 's/^  "summary": "\(.*\)",$/\1/p' "$KERNELS")"
}

build_all() { # build_all COMMAND
  check_prerequisites "$1"
  mkdir -p artifacts
  build_device_code "$1"
  build_managed
  publish_launcher
  report_kernels
}

# ---- the commands ---------------------------------------------------------------------------------------------------------------

# What `./build.sh run` shows: that every device computes attention right, how fast, and what a budget of bytes costs a language model.
main_job() {
  step "Validating attention on every device: arrays made by NumPy and PyTorch"
  run "$LAUNCHER" validate attention --device all --data tests/golden/attention
  step "Validating attention on every device: seeded cases"
  run "$LAUNCHER" validate attention --device all
  step "Timing attention on every device"
  run "$LAUNCHER" bench attention --device all --case 'b1h8n2048*'
  step "Judging cache policies at equal bytes on a small language model"
  # An eighth is too little for one of the policies, which ends the command with 1.
  run "$LAUNCHER" kv eval --model samples/TinyLm/model --recall samples/TinyLm/model/recall.jsonl --budget 50%,25% --output artifacts/kv_eval.svg
}

python_with_torch() {
  local python
  for python in python3 /usr/bin/python3; do
    if has "$python" && "$python" -c 'import numpy, torch' 2>/dev/null; then
      printf '%s\n' "$python"
      return 0
    fi
  done
  return 1
}

bench_job() {
  step "Timing every operation"
  run "$LAUNCHER" bench
  local python
  if python="$(python_with_torch)"; then
    step "Timing PyTorch on the same arrays"
    run "$python" bench/peers/attention_torch.py --output artifacts/bench/attention_torch.json
  else
    note "no python3 with torch here: the PyTorch comparison is left out (Debian: apt-get install python3-torch libopenblas0-pthread)"
  fi
}

device_sources() { find kernels native tests/kernels -type f \( -name '*.cl' -o -name '*.h' -o -name '*.cu' -o -name '*.cuh' -o -name '*.cpp' \) -print0 2>/dev/null || true; }

clang_format() { if has clang-format-14; then clang-format-14 "$@"; else clang-format "$@"; fi; }

format_all() {
  check_prerequisites format
  step "Formatting C#"
  run dotnet format "$SOLUTION"
  step "Formatting device code"
  local files=()
  mapfile -d '' files < <(device_sources)
  if ((${#files[@]} > 0)); then run clang_format -i "${files[@]}"; fi
}

check_format_managed() {
  step "Checking the formatting of C#"
  run dotnet format "$SOLUTION" --no-restore --verify-no-changes && return 0
  note "./build.sh format applies the formatting"
  return 1
}

check_format_device() {
  step "Checking the formatting of device code"
  local files=()
  mapfile -d '' files < <(device_sources)
  if ((${#files[@]} == 0)); then return 0; fi
  # Other versions break lines elsewhere, so they cannot tell right from wrong here.
  local version
  version="$(clang_format --version | sed -E 's/.*version ([0-9]+).*/\1/')"
  if [[ $version != 14 ]]; then
    warn "clang-format $version is here but the rules are clang-format 14's: not checked"
    return 0
  fi
  local status=0
  run clang_format --dry-run -Werror "${files[@]}" || status=1
  awk 'length($0) > 140 { printf "%s:%d: %d columns, at most 140 are allowed\n", FILENAME, FNR, length($0); bad = 1 } END { exit bad }' "${files[@]}" || status=1
  if ((status != 0)); then note "./build.sh format applies the formatting; lines over 140 columns are broken by hand"; fi
  return "$status"
}

# Adds one suite's results, from its trx file, to PASSED, FAILED and SKIPPED.
PASSED=0
FAILED=0
SKIPPED=0
count_results() {
  local trx=$1 passed failed skipped
  read -r passed failed skipped < <(awk '
    /<UnitTestResult / {
      if (match($0, / outcome="[A-Za-z]+"/)) outcome = substr($0, RSTART + 10, RLENGTH - 11); else outcome = "Passed"
      if (outcome == "Passed") passed++; else if (outcome == "NotExecuted") skipped++; else failed++
    }
    END { print passed + 0, failed + 0, skipped + 0 }' "$trx")
  note "$(basename "$trx" .trx): $passed passed, $failed failed, $skipped skipped"
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
  SKIPPED=$((SKIPPED + skipped))
  SUITE_FAILED=$failed
  if ((skipped > 0)); then show_skipped "$trx"; fi
}

# Each skipped test with its reason; a skip that nobody sees is a hole.
show_skipped() {
  awk '
    function text(s) { gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s); gsub(/&amp;/, "\\&", s); return s }
    /<UnitTestResult / {
      name = ""
      if ($0 ~ / outcome="NotExecuted"/ && match($0, / testName="[^"]*"/)) name = substr($0, RSTART + 11, RLENGTH - 12)
    }
    name != "" && match($0, /<(Message|StdOut)>[^<]*/) {
      reason = substr($0, RSTART, RLENGTH); sub(/^<[A-Za-z]+>/, "", reason)
      printf "      skipped %s: %s\n", text(name), text(reason); name = ""
    }
    /<\/UnitTestResult>/ && name != "" { printf "      skipped %s\n", text(name); name = "" }' "$1"
}

test_suites() {
  rm -rf "$RESULTS"
  mkdir -p "$RESULTS"
  export KSUITE_REQUIRE_OPENCL=1 KSUITE_REQUIRE_CUDAHOST=1
  if [[ $CUDA == no ]]; then unset KSUITE_REQUIRE_CUDA; else export KSUITE_REQUIRE_CUDA=1; fi
  local project name status
  for project in tests/*/*.csproj; do
    name="$(basename "$project" .csproj)"
    step "Testing $name"
    status=0
    run dotnet test "$project" -c "$CONFIGURATION" --no-build -v quiet \
      --blame-hang-timeout 10m --blame-hang-dump-type none --logger "trx;LogFileName=$name.trx" --results-directory "$RESULTS" || status=$?
    SUITE_FAILED=0
    if [[ -f $RESULTS/$name.trx ]]; then count_results "$RESULTS/$name.trx"; else note "$name: no test has run"; fi
    # A host that dies takes its running test with it and leaves no failure in the file.
    if ((status != 0 && SUITE_FAILED == 0)); then
      warn "$name ended with exit status $status without naming a failed test"
      FAILED=$((FAILED + 1))
    fi
  done
}

# A build that breaks ends the script early; the line that CI reads is printed all the same.
summarize() {
  printf '%d passed, %d failed, %d skipped\n' "$PASSED" "$FAILED" "$SKIPPED"
}

test_all() {
  local started=$SECONDS
  trap 'FAILED=$((FAILED + 1)); summarize' EXIT
  build_all test
  require_opencl_device
  check_format_managed || FAILED=$((FAILED + 1))
  check_format_device || FAILED=$((FAILED + 1))
  test_suites
  step "Done in $((SECONDS - started)) s"
  if [[ $CUDA == no ]]; then warn "CUDA programs were neither compiled nor checked (--without-cuda)"; fi
  if ((PASSED + FAILED == 0)); then warn "no test was executed"; fi
  trap - EXIT
  summarize
  ((FAILED == 0 && PASSED > 0))
}

clean() {
  step "Deleting artifacts/"
  run rm -rf artifacts
}

main() {
  local command=""
  while (($# > 0)); do
    case $1 in
      --no-install) INSTALL=no ;;
      --with-cuda) CUDA=yes ;;
      --without-cuda) CUDA=no ;;
      --configuration)
        (($# > 1)) || die "--configuration needs a name: Release or Debug."
        CONFIGURATION=$2
        shift
        ;;
      --configuration=*) CONFIGURATION=${1#*=} ;;
      -h | --help) command=help ;;
      -*) die "unknown option '$1'." "./build.sh help lists the options." ;;
      *)
        [[ -z $command ]] || die "one command at a time, but found '$command' and '$1'."
        command=$1
        ;;
    esac
    shift
  done
  case $CONFIGURATION in
    Release | Debug) ;;
    *) die "--configuration is '$CONFIGURATION'; expected Release or Debug." ;;
  esac

  case ${command:-help} in
    run)
      build_all run
      main_job
      ;;
    build) build_all build ;;
    test) test_all ;;
    bench)
      build_all bench
      bench_job
      ;;
    format) format_all ;;
    clean) clean ;;
    help) usage ;;
    *)
      usage >&2
      die "unknown command '$command'."
      ;;
  esac
}

main "$@"
