#!/bin/sh
# Runs a playbook twice in check mode and twice for real, on a copy of this machine that nobody else
# sees: an overlay over its file systems in a mount namespace of its own. What a run writes lies in the
# overlay's upper folder. Run it through: unshare --mount --pid --fork sh prove.sh …
#
#   prove.sh <empty folder> <folder of ansible-playbook> <playbook> <variables.json>
#
# Prints "wrote <path>" for each file that the previews wrote, then "recap <line>" for each run.
# Service managers do nothing in a chroot: that services start is not proved here.
set -eu
place=$1 ansible=$2 playbook=$3 variables=$4

mount --make-rprivate /
mount -t tmpfs tmpfs "$place"
cp "$variables" "$place/variables.json"
cp "$playbook" "$place/playbook.yml"

# overlay <name> <lower folders>: a writable view of them at $place/<name>/root
overlay() {
  mkdir -p "$place/$1/upper" "$place/$1/work" "$place/$1/root"
  mount -t overlay overlay "$place/$1/root" \
    -o "lowerdir=$2,upperdir=$place/$1/upper,workdir=$place/$1/work"
}

# bind <root>: what no overlay has, and what only lives while a machine runs
bind() {
  mount --rbind /dev "$1/dev"
  mount -t proc proc "$1/proc"
  mount -t tmpfs tmpfs "$1/tmp"
  mount -t tmpfs tmpfs "$1/run"
  # By this folder programs know a machine that systemd runs.
  mkdir -p "$1/run/systemd/system" "$1/tmp/ansible"
}

# package <root> <name> <unit>: an installable double, so that no archive has to be reached
package() {
  build="$place/build/$2"
  mkdir -p "$build/DEBIAN" "$build/lib/systemd/system" "$1/var/lib/atom-packages"
  printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: double\n' "$2" \
    >"$build/DEBIAN/control"
  printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n' \
    >"$build/lib/systemd/system/$3"
  file="$1/var/lib/atom-packages/$2.deb"
  dpkg-deb --root-owner-group --build "$build" "$file" >/dev/null
  {
    cat "$build/DEBIAN/control"
    printf 'Filename: ./%s.deb\nSize: %s\nSHA256: %s\n\n' "$2" \
      "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -d ' ' -f 1)"
  } >>"$1/var/lib/atom-packages/Packages"
}

overlay machine /
machine="$place/machine/root"
package "$machine" containerd containerd.service
package "$machine" chrony chrony.service
rm -rf "$machine/etc/apt/sources.list" "$machine/etc/apt/sources.list.d"
# What this machine happens to have installed decides nothing.
: >"$machine/var/lib/dpkg/status"
echo 'deb [trusted=yes] file:/var/lib/atom-packages ./' >"$machine/etc/apt/sources.list"
bind "$machine"
chroot "$machine" apt-get update >/dev/null
umount "$machine/run" "$machine/tmp" "$machine/proc"

overlay run "$place/machine/upper:/"
root="$place/run/root"
bind "$root"
cp "$place/variables.json" "$place/playbook.yml" "$root/tmp/ansible/"
cat >"$root/tmp/ansible/hosts.ini" <<END
[workers]
w1 ansible_connection=local ansible_become=false ansible_python_interpreter=/usr/bin/python3
END

run() {
  chroot "$root" /usr/bin/env -i HOME=/tmp/ansible PATH="$ansible:/usr/sbin:/usr/bin:/sbin:/bin" \
    LANG=C.UTF-8 ANSIBLE_LOCAL_TEMP=/tmp/ansible/local ANSIBLE_REMOTE_TEMP=/tmp/ansible/remote \
    PYTHONDONTWRITEBYTECODE=1 \
    ansible-playbook -i /tmp/ansible/hosts.ini -e @/tmp/ansible/variables.json "$@" /tmp/ansible/playbook.yml \
    >"$place/output" 2>&1 || { cat "$place/output" >&2; exit 1; }
  sed -n 's/^w1 *: /recap /p' "$place/output"
}

# What is newer than a moment ago, on what the overlay does not cover.
live() {
  (cd "$root" && find run tmp -path tmp/ansible -prune -o -newer "$place/start" ! -type d -print)
}

touch "$place/start"
run --check --diff
run --check --diff
{
  (cd "$place/run/upper" && find . ! -type d -print | cut -c 3-)
  live
} | sort | sed 's/^/wrote \//'
run
run
