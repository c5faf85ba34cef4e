# Windows programs on Linux: mingw's compiler, Wine 10 and Microsoft's debugger engine.
. "$HERE/lib/debian.sh"

BASE=(libc6 libgcc-s1 zlib1g)

# mingw: GCC and binutils for Windows programs; their folder comes first on PATH.
mingw() {
  once mingw unpack_mingw
  PATH=$TOOLS/mingw/usr/bin:$PATH
}
unpack_mingw() {
  debian13 "${BASE[@]}" gcc-mingw-w64-x86-64-win32=14.2.0-19+27+b1 gcc-mingw-w64-x86-64-win32-runtime=14.2.0-19+27+b1 \
    gcc-mingw-w64-base=14.2.0-19+27+b1 g++-mingw-w64-x86-64-win32=14.2.0-19+27+b1 \
    binutils-mingw-w64-x86-64=2.44-3+12+b1 mingw-w64-x86-64-dev=12.0.0-5 mingw-w64-common=12.0.0-5 libstdc++6 \
    libisl23 libmpc3 libmpfr6 libgmp10 libzstd1 "$1"
  relocate "$1" usr/bin usr/lib/gcc/x86_64-w64-mingw32/14-win32
  ln -sf x86_64-w64-mingw32-gcc-win32 "$1/usr/bin/x86_64-w64-mingw32-gcc"
  ln -sf x86_64-w64-mingw32-g++-win32 "$1/usr/bin/x86_64-w64-mingw32-g++"
}

# llvm: clang, lld and LLVM's tools, all named without their version; needs mingw for libraries and headers.
llvm() {
  mingw
  once llvm unpack_llvm
  PATH=$TOOLS/llvm/usr/lib/llvm-19/bin:$PATH
}
unpack_llvm() {
  debian13 "${BASE[@]}" clang-19=1:19.1.7-3+b1 libclang-common-19-dev=1:19.1.7-3+b1 libclang-cpp19=1:19.1.7-3+b1 \
    libllvm19=1:19.1.7-3+b1 lld-19=1:19.1.7-3+b1 llvm-19=1:19.1.7-3+b1 libstdc++6 libedit2 libxml2 libz3-4 libzstd1 \
    liblzma5 libtinfo6 libffi8 libbsd0 libmd0 libgmp10 libcurl4t64 libnghttp2-14 libnghttp3-9 libidn2-0 librtmp1 \
    libssh2-1t64 libpsl5t64 libssl3t64 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 \
    libldap2 libsasl2-2 libgnutls30t64 libp11-kit0 libunistring5 libtasn1-6 libhogweed6t64 libnettle8t64 libbrotli1 "$1"
  relocate "$1" usr/lib/llvm-19/bin
}
# clang_windows OPTIONS...: clang for Windows programs, with CodeView and a PDB where OPTIONS ask for them.
clang_windows() {
  local root=$TOOLS/mingw/usr
  # clang would start itself by its own file, which is the loader here; so it goes by the name of the call.
  clang -no-canonical-prefixes --target=x86_64-w64-mingw32 --sysroot="$root" -isystem "$root/share/mingw-w64/include" \
    -L"$root/x86_64-w64-mingw32/lib" -L"$root/lib/gcc/x86_64-w64-mingw32/14-win32" \
    -B"$root/x86_64-w64-mingw32/lib" -B"$root/lib/gcc/x86_64-w64-mingw32/14-win32" -fuse-ld=lld "$@"
}

# wine: `windows PROGRAM ARGUMENTS...` then runs a Windows program.
wine() {
  once wine unpack_wine
  export WINEPREFIX=$TOOLS/prefix WINEARCH=win64 WINEDEBUG=-all DISPLAY= WAYLAND_DISPLAY= USER=finder HOME=$WORK
  export WINEDLLOVERRIDES='dbgcore,dbgeng,dbghelp,dbgmodel=n,b;mscoree,mshtml,winemenubuilder.exe,winedbg.exe=d'
  CLEANUP+=(stop_wine)
  once prefix make_prefix
}
# Without a display driver a desktop process would hold every caller's output open.
make_prefix() {
  windows wineboot -i >/dev/null 2>&1
  windows reg add 'HKCU\Software\Wine\Drivers' /v Graphics /d none /f >/dev/null 2>&1
}
windows() { timeout 120 "$TOOLS/wine/usr/lib/wine/wine64" "$@"; }
stop_wine() {
  "$TOOLS/wine/usr/lib/wine/wineserver" -k
  "$TOOLS/wine/usr/lib/wine/wineserver" -w
}
unpack_wine() {
  debian13 "${BASE[@]}" wine64=10.0~repack-6 libwine=10.0~repack-6 libz-mingw-w64 libunwind8 liblzma5 libfreetype6 \
    libbrotli1 libbz2-1.0 libpng16-16t64 libgnutls30t64 libgmp10 libhogweed6t64 libnettle8t64 libidn2-0 libp11-kit0 \
    libffi8 libtasn1-6 libunistring5 "$1"
  relocate "$1" usr/lib/wine
  ln -sf wineserver64 "$1/usr/lib/wine/wineserver"
  # The server looks for its tables one folder deeper; zlib's DLL has to be marked as one of Wine's own.
  ln -s . "$1/usr/share/wine/wine"
  local zlib=$1/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll
  cp "$1/usr/x86_64-w64-mingw32/lib/zlib1.dll" "$zlib"
  printf 'Wine builtin DLL\0' | dd of="$zlib" bs=1 seek=64 conv=notrunc status=none
}

# engine: Microsoft's DLLs and dbgeng.h from NuGet. ENGINE is their folder, INCLUDE the header's.
engine() {
  once engine restore_engine
  local package=$TOOLS/engine/microsoft.debugging.platform.dbgeng/20260109.1235.0
  ENGINE=$package/content/amd64
  INCLUDE=$package/build/native/inc
}
restore_engine() {
  cat >"$1/engine.csproj" <<'PROJECT'
<Project>
  <Import Project="Sdk.props" Sdk="Microsoft.NET.Sdk" />
  <PropertyGroup>
    <TargetFramework>netstandard2.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="Microsoft.Debugging.Platform.DbgEng" Version="[20260109.1235.0]" />
  </ItemGroup>
  <Import Project="Sdk.targets" Sdk="Microsoft.NET.Sdk" />
</Project>
PROJECT
  DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 \
    dotnet restore "$1/engine.csproj" --packages "$1" -nodeReuse:false >/dev/null
}

# program NAME OPTIONS...: compiles $WORK/NAME.c to NAME.exe.
program() {
  (cd "$WORK" && x86_64-w64-mingw32-gcc -O1 -w "$1.c" -o "$1.exe" "${@:2}")
}

# debugger NAME: compiles $WORK/NAME.cpp, a client of the engine over lib/engine.h.
debugger() {
  x86_64-w64-mingw32-g++ -O1 -w -fpermissive -static -I"$INCLUDE" -I"$HERE/lib" "$WORK/$1.cpp" -o "$WORK/$1.exe" -lole32 -luuid
}

# run NAME.exe ARGUMENTS...: runs a Windows program that lies in $WORK, there.
run() {
  (cd "$WORK" && windows "$@" 2>/dev/null | tr -d '\r')
}

# engine_folder: where the engine's DLLs are, as Windows sees it.
engine_folder() { echo "Z:${ENGINE//\//\\}"; }
