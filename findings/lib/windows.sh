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
    gcc-mingw-w64-base=14.2.0-19+27+b1 g++-mingw-w64-x86-64-win32=14.2.0-19+27+b1 binutils-mingw-w64-x86-64=2.44-3+12+b1 mingw-w64-x86-64-dev=12.0.0-5 \
    mingw-w64-common=12.0.0-5 libstdc++6 libisl23 libmpc3 libmpfr6 libgmp10 libzstd1 "$1"
  relocate "$1" usr/bin usr/lib/gcc/x86_64-w64-mingw32/14-win32
  ln -sf x86_64-w64-mingw32-gcc-win32 "$1/usr/bin/x86_64-w64-mingw32-gcc"
  ln -sf x86_64-w64-mingw32-g++-win32 "$1/usr/bin/x86_64-w64-mingw32-g++"
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
  cp "$1/usr/x86_64-w64-mingw32/lib/zlib1.dll" "$1/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll"
  printf 'Wine builtin DLL\0' | dd of="$1/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/zlib1.dll" bs=1 seek=64 conv=notrunc status=none
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

# client NAME.c...: builds $WORK/NAME.exe, a debugger client in C; lib/client.h has what all of them share.
client() {
  local source
  for source; do
    x86_64-w64-mingw32-gcc -O1 -w -I"$INCLUDE" -I"$HERE/lib" "$source" -o "$WORK/$(basename "$source" .c).exe" \
      -lole32 -luuid
  done
}
