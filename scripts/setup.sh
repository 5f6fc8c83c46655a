#!/bin/sh
# Installs what is missing for `make demo` or `make test`, and nothing else.
#
#   scripts/setup.sh demo|test
#
# Debian packages come through apt-get (as root, or through sudo), npm packages through `npm ci`.
# Where neither root nor sudo is there, it lists what to install and exits with 3.
set -eu
cd "$(dirname "$0")/.."

# command:package or /file:package pairs; a package is wanted when its command or its file is not there
demo_tools='gcc:gcc make:make riscv64-unknown-elf-gcc:gcc-riscv64-unknown-elf qemu-system-riscv32:qemu-system-misc'
test_tools="$demo_tools clang:clang arm-none-eabi-gcc:gcc-arm-none-eabi xtensa-lx106-elf-gcc:gcc-xtensa-lx106
qemu-system-arm:qemu-system-arm qemu-system-xtensa:qemu-system-misc
avr-gcc:gcc-avr /usr/lib/avr/include/avr/io.h:avr-libc /usr/include/simavr/sim_avr.h:libsimavr-dev /usr/include/libelf.h:libelf-dev
arduino-builder:arduino-builder /usr/share/arduino/hardware/arduino/avr/boards.txt:arduino-core-avr"

case "${1:-}" in
demo) tools=$demo_tools ;;
test) tools=$test_tools ;;
*)
    echo "usage: scripts/setup.sh demo|test" >&2
    exit 2
    ;;
esac

packages=''
for tool in $tools; do
    package=${tool#*:}
    case " $packages " in *" $package "*) continue ;; esac
    command -v "${tool%%:*}" >/dev/null 2>&1 || [ -e "${tool%%:*}" ] || packages="$packages $package"
done

# the training engine is also tested with a BLAS, where one can be had; without it those tests are skipped
if [ "$1" = test ] && command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1; } &&
    ! /sbin/ldconfig -p | grep -q 'libopenblas\.so\.0'; then
    packages="$packages libopenblas0-pthread"
fi

# gcc alone brings no C library headers when recommended packages are left out
[ -e /usr/include/stdio.h ] || packages="$packages libc6-dev"

if [ -n "$packages" ]; then
    if [ "$(id -u)" = 0 ]; then
        as_root=''
    elif command -v sudo >/dev/null 2>&1; then
        as_root='sudo'
    else
        echo "These Debian packages are missing:$packages" >&2
        echo "Install them as root: apt-get install --no-install-recommends$packages" >&2
        exit 3
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "These tools are missing (names of their Debian packages):$packages" >&2
        echo "Install them with this system's package manager." >&2
        exit 3
    fi
    echo "installing$packages" >&2
    log=$(mktemp)
    # shellcheck disable=SC2086 # the list is meant to be split
    if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends $packages; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        echo "apt-get could not install$packages; the whole log is in $log" >&2
        exit 3
    fi
    rm -f "$log"
fi

node_major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || true)
if [ "${node_major:-0}" -lt 20 ] || ! command -v npm >/dev/null 2>&1; then
    echo "Node.js 20 or newer with npm is needed, and this machine has ${node_major:+version }${node_major:-none}." >&2
    echo "Install it (Debian 13: apt-get install nodejs npm; otherwise https://nodejs.org)." >&2
    exit 3
fi

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    echo 'installing npm packages' >&2
    npm ci --no-audit --no-fund --loglevel=error >&2
fi

if [ ! -e dist/cli.js ] || [ -n "$(find src package.json tsconfig.build.json -newer dist/cli.js -print | head -n 1)" ]; then
    npm run --silent build >&2
fi
