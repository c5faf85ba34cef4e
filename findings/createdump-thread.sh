#!/usr/bin/env bash
# Software: .NET 10 for Linux (tried with 10.0.12) and its createdump (DOTNET_DbgEnableMiniDump); GDB 16.3 of Debian 13.
# Expected: an exception that nobody catches, in a thread of its own, ends the program by SIGABRT; GDB opens the dump as
#   it opens the kernel's, with the thread that failed as the current one, so that a crash reporter's `gdb -batch -ex bt`
#   shows where it was.
# Seen: GDB says "terminated with signal SIGABRT" and shows the main thread, which only waits. It takes the first thread
#   of a core file for the one that failed, where the kernel puts it; createdump writes them in the order of their
#   numbers, the main thread first, and the signal beside the right one, which GDB does not look for.
. "$(dirname "$0")/lib/common.sh"
. "$HERE/lib/debian.sh"
unpack_gdb() {
  debian13 libc6 zlib1g gdb=16.3-1 libatomic1 libexpat1 libgmp10 liblzma5 libmpfr6 libncursesw6 libreadline8t64 \
    libtinfo6 libzstd1 libxxhash0 libstdc++6 libgcc-s1 libipt2 libpython3.13 libpython3.13-minimal libpython3.13-stdlib \
    libbabeltrace1 libdebuginfod1t64 libsource-highlight4t64 libglib2.0-0t64 libuuid1 libelf1t64 libdw1t64 \
    libcurl3t64-gnutls libboost-regex1.83.0 libicu76 libpcre2-8-0 libffi8 libbz2-1.0 libnghttp2-14 libnghttp3-9 libidn2-0 \
    librtmp1 libssh2-1t64 libpsl5t64 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 \
    libldap2 libsasl2-2 libgnutls30t64 libp11-kit0 libunistring5 libtasn1-6 libhogweed6t64 libnettle8t64 libbrotli1 \
    libssl3t64 libjson-c5 libngtcp2-16 libngtcp2-crypto-gnutls8 "$1"
  relocate "$1" usr/bin
}
once gdb unpack_gdb

cat >"$WORK/program.cs" <<'CS'
using System.Runtime.InteropServices;

[DllImport("libc")] static extern int gettid();

Console.WriteLine($"main thread {gettid()}");
var worker = new Thread(() => {
    Console.WriteLine($"failing thread {gettid()}");
    throw new Exception("no price");
});
worker.Start();
worker.Join();
CS
dotnet_program
dotnet --list-runtimes | sed -n 's/ \[.*//; /NETCore.App 10/p'
export DOTNET_DbgEnableMiniDump=1 DOTNET_DbgMiniDumpType=2 DOTNET_DbgMiniDumpName=$WORK/shop.core
output=$(ulimit -c 0; dotnet "$WORK/out/program.dll" 2>&1) || true
number() { sed -n "s/^$1 thread \([0-9]*\)$/\1/p" <<<"$output"; }
host=$(readlink -f "$(command -v dotnet)")
opened=$(PYTHONHOME=$TOOLS/gdb/usr DEBUGINFOD_URLS='' "$TOOLS/gdb/usr/bin/gdb" -nx -batch -ex 'info threads' "$host" \
  "$WORK/shop.core" 2>&1 </dev/null | grep -oE '^(Program terminated.*|\[Current thread.*|[* ] [0-9]+ +(Thread .*)?\(?LWP [0-9]+)')
seen="main thread $(number main), failing thread $(number failing)
$(grep -o 'Crashing thread.*' <<<"$output")
$opened"
echo "$seen"
shows "$seen" "^Crashing thread 0*$(printf %x "$(number failing)") signal 6" '^Program terminated with signal SIGABRT' \
  "^\[Current thread is 1 .*LWP $(number main)\)" "^\* 1 .*LWP $(number main)$" "^  [0-9]+ .*LWP $(number failing)$"
