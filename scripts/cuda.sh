# What build.sh knows about CUDA: whether there is an nvcc, what to do without, and how Debian's is installed. Sourced by build.sh.
# shellcheck shell=bash

MIN_NVCC=11.8
CUDA=auto # yes: --with-cuda; no: --without-cuda

# The nvcc that CMake would take (cmake/CudaToolkit.cmake looks in the same places).
nvcc_path() {
  local candidate
  if [[ -n ${KSUITE_NVCC:-} ]]; then
    command -v "$KSUITE_NVCC"
    return
  fi
  for candidate in "${CUDA_HOME:+$CUDA_HOME/bin/nvcc}" "${CUDA_PATH:+$CUDA_PATH/bin/nvcc}" nvcc /usr/local/cuda/bin/nvcc; do
    if [[ -n $candidate ]] && command -v "$candidate"; then return 0; fi
  done
  return 1
}

has_nvcc() {
  local nvcc version
  nvcc="$(nvcc_path)" || return 1
  version="$("$nvcc" --version 2>/dev/null | sed -n 's/.*release \([0-9.]*\),.*/\1/p')"
  [[ -n $version && $(printf '%s\n' "$MIN_NVCC" "$version" | sort -V | head -n 1) == "$MIN_NVCC" ]]
}

# CI tests everything, on a machine that is its own to install on.
settle_cuda() { # settle_cuda COMMAND
  if [[ $CUDA == auto && $1 == test && ${CI:-} == true ]]; then CUDA=yes; fi
}

# The package brings the toolkit and the newest g++ that its nvcc takes: g++-11 for 11.8.
want_cuda() {
  if [[ $CUDA != yes ]]; then return 0; fi
  want nvidia-cuda-toolkit-gcc "nvcc and ptxas, which compile CUDA programs, and the g++ they take; non-free, several GB" has_nvcc
}

# Stops a test run that would pass without having compiled CUDA programs; anything else goes on and says so.
require_cuda() { # require_cuda COMMAND
  if [[ $CUDA == no ]]; then
    note "without CUDA programs, because of --without-cuda"
    return 0
  fi
  if has_nvcc; then
    note "nvcc at $(nvcc_path)"
    return 0
  fi
  case $1 in
    test)
      die "test needs nvcc $MIN_NVCC or newer: CUDA programs are compiled, and what they use is checked." \
        "--with-cuda installs Debian's, KSUITE_NVCC names one, and --without-cuda tests without."
      ;;
    *)
      [[ $CUDA != yes ]] || die "--with-cuda was given, and there is no nvcc $MIN_NVCC or newer." "KSUITE_NVCC names one."
      note "no nvcc $MIN_NVCC or newer: going on without CUDA programs (--with-cuda installs Debian's)"
      ;;
  esac
}

# What CMake is told beside the preset.
cuda_cmake_arguments() { # cuda_cmake_arguments COMMAND
  case $CUDA in
    no) printf '%s\n' -DKSUITE_CUDA=OFF -DKSUITE_REQUIRE_CUDA=OFF ;;
    yes) printf '%s\n' -DKSUITE_REQUIRE_CUDA=ON ;;
  esac
}

# ---- Debian's non-free component ------------------------------------------------------------------------------------------------

# The toolkit is in non-free, which Debian's own lists leave out. Nothing is changed on other systems, or where apt knows the package.
enable_non_free() {
  if apt-cache policy nvidia-cuda-toolkit-gcc 2>/dev/null | grep -Eq 'Candidate: [0-9]'; then return 0; fi
  local ID="" VERSION_CODENAME=""
  if [[ -r /etc/os-release ]]; then
    # shellcheck disable=SC1091
    . /etc/os-release
  fi
  if [[ $ID != debian ]]; then
    warn "this is ${ID:-an unknown system} and not Debian: its package sources are left alone"
    return 0
  fi
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    if [[ -f $file ]]; then add_non_free "$file" "$VERSION_CODENAME"; fi
  done
}

# Adds contrib and non-free to the entries for CODENAME's suites that have main, in a one-line (.list) or deb822 (.sources) file.
add_non_free() { # add_non_free FILE CODENAME
  local file=$1 changed
  changed="$(mktemp)"
  if [[ $file == *.sources ]]; then
    # A stanza ends at an empty line; its suites may stand after its components, so it is judged as a whole.
    awk -v codename="$2" '
      function flush(    i) {
        for (i = 1; i <= n; i++) {
          if (ours && i == components) line[i] = more(line[i])
          print line[i]
        }
        n = 0; ours = 0; components = 0
      }
      function more(text) {
        if ((text " ") !~ /[ \t]contrib[ \t]/) text = text " contrib"
        if ((text " ") !~ /[ \t]non-free[ \t]/) text = text " non-free"
        return text
      }
      /^[ \t]*$/ { line[++n] = $0; flush(); next }
      {
        line[++n] = $0
        if ($0 ~ /^Components:.*[ \t]main([ \t]|$)/) components = n
        if ($0 ~ "^Suites:.*[ \t](" codename "|stable)(-updates|-security|-backports)?([ \t]|$)") ours = 1
      }
      END { flush() }' "$file" >"$changed"
  else
    awk -v codename="$2" '
      $0 ~ "^[ \t]*deb(-src)?[ \t].*[ \t](" codename "|stable)(-updates|-security|-backports)?[ \t]+(.*[ \t])?main([ \t]|$)" {
        comment = ""
        if (match($0, /[ \t]*#/)) { comment = substr($0, RSTART); $0 = substr($0, 1, RSTART - 1) }
        if (($0 " ") !~ /[ \t]contrib[ \t]/) $0 = $0 " contrib"
        if (($0 " ") !~ /[ \t]non-free[ \t]/) $0 = $0 " non-free"
        $0 = $0 comment
      }
      { print }' "$file" >"$changed"
  fi
  if cmp -s "$file" "$changed"; then
    rm -f "$changed"
    return 0
  fi
  # apt passes over names that end in .bak without a word.
  note "adding the components contrib and non-free to $file; the file as it was is $file.bak"
  cp -p "$file" "$file.bak"
  cat "$changed" >"$file"
  rm -f "$changed"
}
