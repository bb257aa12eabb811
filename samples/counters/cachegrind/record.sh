#!/usr/bin/env bash
# Records the cachegrind counters of nine real programs, on five inputs each, with three sizes of caches, twice: 30 samples a program.
#
#   record.sh [folder]      writes folder/<program>.csv (default: the folder of this script), a long table with the columns
#                           program,input,caches,run,counter,value
#
# Needs valgrind, coreutils, awk, grep, gzip, xz and python3 (PYTHON names another one; it must be the program itself, not a wrapper script). The
# inputs are made by the script, the same on every machine; counts depend on the versions of the programs and of their libraries.
set -euo pipefail
export LC_ALL=C
folder=${1:-$(dirname "$0")}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
python=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# 4,000 lines of words and numbers from a linear congruential generator; the same compressed; zeros; a tree of 120 files.
awk 'BEGIN { x = 12345; for (i = 0; i < 4000; i++) { line = "";
  for (j = 0; j < 6; j++) { x = (x * 1103515245 + 12345) % 2147483648; line = line sprintf("w%d ", x / 4096 % 900) } print line x } }' > text
head -n 400 text > short
gzip -c -n text > packed.gz
xz -c -0 text > packed.xz
head -c 200000 /dev/zero > zeros
for d in 1 2 3 4 5 6; do mkdir -p "tree/d$d/e"; for f in $(seq 20); do head -c $((f * 37)) text > "tree/d$d/e/file$f"; done; done

declare -A caches=(
  [32k]="--I1=32768,8,64 --D1=32768,8,64 --LL=8388608,16,64"
  [4k]="--I1=4096,2,64 --D1=4096,2,64 --LL=65536,4,64"
  [128b]="--I1=128,1,64 --D1=128,1,64 --LL=128,1,64")

# sample <program> <input> <command...>
sample() {
  local program=$1 input=$2; shift 2
  for size in 32k 4k 128b; do
    for run in 1 2; do
      # shellcheck disable=SC2086
      valgrind --tool=cachegrind --cache-sim=yes --branch-sim=yes ${caches[$size]} --cachegrind-out-file=out "$@" > /dev/null 2> log || { cat log >&2; exit 1; }
      awk -v head="$program,$input,$size,$run" '/^events:/ { n = split($0, name, " ") } /^summary:/ { split($0, count, " ")
        for (i = 2; i <= n; i++) print head "," name[i] "," count[i] }' out >> "$folder/$program.csv"
      rm out
    done
  done
}

begin() { echo "program,input,caches,run,counter,value" > "$folder/$1.csv"; echo "$1" >&2; }

begin sort
sample sort text sort text
sample sort numbers sort -n -k7 text
sample sort reverse sort -r text
sample sort unique sort -u -k1,1 text
sample sort short sort short

begin gzip
sample gzip text-1 gzip -1 -c text
sample gzip text-9 gzip -9 -c text
sample gzip packed gzip -c packed.gz
sample gzip zeros gzip -c zeros
sample gzip expand gzip -d -c packed.gz

begin xz
sample xz text-0 xz -0 -c text
sample xz short xz -1 -c short
sample xz packed xz -0 -c packed.gz
sample xz zeros xz -0 -c zeros
sample xz expand xz -d -c packed.xz

begin awk
sample awk sum awk '{ s += $7 } END { print s }' text
sample awk count awk '{ for (i = 1; i <= 6; i++) c[$i]++ } END { for (w in c) print w, c[w] }' short
sample awk match awk '/w1[0-9]* w2/ { n++ } END { print n }' text
sample awk loop awk 'BEGIN { for (i = 0; i < 20000; i++) a[i * 7919 % 10007] += i; print length(a) }'
sample awk strings awk '{ print toupper(substr($0, 5, 20)) length($0) }' text

# Strings of 128 KiB are concatenated, which copies them with rep movs.
begin concatenate
for n in 20 40 60 80 100; do
  # shellcheck disable=SC2016
  sample concatenate "$n" awk -v "n=$n" \
    'BEGIN { s = "0123456789abcdef"; while (length(s) < 65536) s = s s; for (i = 0; i < n; i++) t += length(s s); print t }'
done

begin sha256sum
sample sha256sum text sha256sum text
sample sha256sum short sha256sum short
sample sha256sum zeros sha256sum zeros
sample sha256sum tree sha256sum tree/d1/e/file1 tree/d2/e/file2 tree/d3/e/file3
sample sha256sum packed sha256sum packed.gz

begin ls
sample ls recursive ls -R tree
sample ls long ls -l tree/d1/e
sample ls long-recursive ls -lR tree
sample ls by-size ls -S -1 tree/d2/e
sample ls plain ls tree

begin grep
sample grep word grep -c w77 text
sample grep regex grep -c -E '(w1|w2)[0-9]+ w3' text
sample grep ignore-case grep -c -i W5 text
sample grep inverse grep -v w1 short
sample grep tree grep -r -c w8 tree

begin python3
sample python3 start "$python" -S -E -c pass
sample python3 copy "$python" -S -E -c 'x = bytes(400000); y = [bytearray(x) for _ in range(80)]'
sample python3 dictionary "$python" -S -E -c 'd = {str(i): i for i in range(5000)}; print(sum(d.values()))'
sample python3 sort "$python" -S -E -c 'print(sorted((i * 7919) % 10007 for i in range(10000))[5])'
sample python3 text "$python" -S -E -c 'print(len(set(open("text").read().split())))'
