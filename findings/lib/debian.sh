# Packages of Debian 13 (amd64), unpacked into a folder: no root, nothing installed.
# Needs apt-get, dpkg-deb and a Debian archive among apt's own sources, whatever release this machine runs.

# The first Debian archive that apt's sources name.
debian_archive() {
  cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
    grep -v '^#' | grep -oE '(https?|file):[^ ]*/debian/?( |$)' | head -1 | tr -d ' '
}

# apt_folders FOLDER: apt's own state in a folder, with Debian 13 as its only source.
apt_folders() {
  mkdir -p "$1"/{state/lists/partial,cache/archives/partial,sources,debs}
  : >"$1/status"
  printf 'deb [arch=amd64 signed-by=%s] %s trixie main\n' \
    /usr/share/keyrings/debian-archive-keyring.gpg "$(debian_archive)" >"$1/sources/trixie.list"
  cat >"$1/apt.conf" <<CONF
Dir::State "$1/state";
Dir::State::status "$1/status";
Dir::Cache "$1/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$1/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "amd64";
APT::Architectures "amd64";
APT::Sandbox::User "root";
Acquire::Languages "none";
CONF
}

# debian13 PACKAGE[=VERSION]... FOLDER: fetches exactly these and unpacks them below FOLDER.
debian13() {
  local folder=${*: -1} deb
  apt_folders "$folder/.apt"
  (
    export APT_CONFIG=$folder/.apt/apt.conf
    cd "$folder/.apt/debs"
    apt-get update -qq
    apt-get download -qq "${@:1:$#-1}"
  ) >&2
  for deb in "$folder"/.apt/debs/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder" --no-same-owner --exclude=./usr/share/doc \
      --exclude=./usr/share/man --exclude=./usr/share/locale --exclude='*/wine/i386-windows'
  done
  rm -rf "$folder/.apt"
}

# relocate ROOT SUBFOLDER...: the programs there need the C library of their release, so each becomes a script that
# starts it through the unpacked loader. A copy of the loader lies beside them, for programs that look for their folder.
relocate() {
  local root=$1 folder file name
  shift
  for folder; do
    folder=$root/$folder
    for file in "$folder"/*; do
      [ -L "$file" ] || [ ! -f "$file" ] && continue
      head -c 4096 "$file" | grep -qa '^.ELF.*' && head -c 4096 "$file" | grep -qa /ld-linux-x86-64.so.2 || continue
      name=${file##*/}
      mv "$file" "$file.elf"
      # The name of the call stays: compilers choose their manners by it.
      printf '#!/bin/sh\nexec "%s/ld.so" --inhibit-cache --library-path "%s" --argv0 "%s/${0##*/}" "%s.elf" "$@"\n' \
        "$folder" "$root/usr/lib/x86_64-linux-gnu" "$folder" "$file" >"$file"
      chmod +x "$file"
    done
    cp "$root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$folder/ld.so"
  done
}

# golang: `go_build SYSTEM ARGUMENTS...` then compiles for that system (linux or windows, x86-64).
golang() { once go unpack_go; }
unpack_go() { debian13 golang-1.24-go=1.24.4-1 golang-1.24-src=1.24.4-1 "$1"; }
go_build() {
  local root=$TOOLS/go/usr/lib/go-1.24
  GOROOT=$root GOCACHE=$WORK/built GOPATH=$WORK/path GOENV=off GOPROXY=off GOTOOLCHAIN=local GO111MODULE=off \
    GOOS=$1 GOARCH=amd64 "$root/bin/go" build "${@:2}"
}
