#!/bin/sh
# Runs once before everything else, as root with only CHOWN, SETUID and SETGID, and without network.
# 1. Makes the folders that are missing and gives new, empty ones to PUID:PGID. It never changes
#    the owner of anything that holds files: those may be somebody's only photos.
# 2. Makes the database password and Syncthing's API key on the first start.
# 3. Gives Syncthing its first configuration.
# When a folder cannot be written it says which, for whom, and what mends it, and exits with 1.
set -eu

puid=${PUID:-1000}
pgid=${PGID:-1000}
host_folder=${PF_HOST_DATA_DIR:-./data}
secrets=/run/photo-factory-secrets
syncthing=/var/syncthing
postgres_group=999 # of the official image of PostgreSQL

say() { echo "prepare: $*"; }

as_user() { setpriv --reuid="$puid" --regid="$pgid" --clear-groups "$@"; }

# give_if_new FOLDER: Docker makes missing folders as root; an empty one of root's is such a one.
give_if_new() {
  [ "$(stat -c %u "$1")" = 0 ] || return 0
  [ -z "$(ls -A "$1")" ] || return 0
  chown "$puid:$pgid" "$1" || true
}

# usable FOLDER: makes it if need be; false, with the remedy, if PUID:PGID cannot write in it.
usable() {
  [ -d "$1" ] || as_user mkdir -p "$1" 2>/dev/null || mkdir -p "$1" 2>/dev/null || true
  [ ! -d "$1" ] || give_if_new "$1"
  if probe=$(as_user mktemp "$1/.photo-factory-probe.XXXXXX" 2>/dev/null); then
    as_user rm -f "$probe"
    return 0
  fi
  on_host=$host_folder${1#/data}
  say "user $puid, group $pgid cannot write in $on_host" \
    "(owner $(stat -c %u:%g "$1" 2>/dev/null || echo unknown))."
  say "Mend it with: sudo chown $puid:$pgid '$on_host'"
  say "Or set PUID and PGID in .env to the owner of that folder. Then start again."
  return 1
}

make_folders() {
  result=0
  [ -z "$(ls -A /data 2>/dev/null)" ] && give_if_new /data
  for name in inbox library derivatives quarantine; do
    usable "/data/$name" || result=1
  done
  return $result
}

# make_secret NAME: random, and written beside and renamed, so that a power cut never leaves half.
make_secret() {
  file=$secrets/$1
  if [ ! -s "$file" ]; then
    (umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$file.new")
    chmod 0440 "$file.new"
    sync "$file.new"
    mv "$file.new" "$file"
    say "made a new secret: $1"
  fi
  chown "$puid:$postgres_group" "$file"
}

# receiveonly: what the librarian takes out of the inbox is never deleted on the phone.
# Nothing is announced outside the house: a phone is told the address of this machine.
make_syncthing_config() {
  give_if_new "$syncthing"
  [ ! -e "$syncthing/config/config.xml" ] || return 0
  api_key=$(as_user cat "$secrets/syncthing_api_key")
  (umask 077 && as_user mkdir -p "$syncthing/config")
  (umask 077 && as_user tee "$syncthing/config/config.xml.new" >/dev/null) <<END
<configuration version="37">
  <folder id="photo-factory-inbox" label="Photo Factory inbox" path="/inbox" type="receiveonly"
          rescanIntervalS="3600" fsWatcherEnabled="true" fsWatcherDelayS="10" ignorePerms="true">
    <ignoreDelete>false</ignoreDelete>
    <minDiskFree unit="GB">1</minDiskFree>
  </folder>
  <gui enabled="true" tls="false"><address>0.0.0.0:8384</address>
    <apikey>$api_key</apikey></gui>
  <options>
    <globalAnnounceEnabled>false</globalAnnounceEnabled>
    <relaysEnabled>false</relaysEnabled>
    <natEnabled>false</natEnabled>
    <crashReportingEnabled>false</crashReportingEnabled>
    <urAccepted>-1</urAccepted>
    <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
    <startBrowser>false</startBrowser>
  </options>
</configuration>
END
  as_user mv "$syncthing/config/config.xml.new" "$syncthing/config/config.xml"
  say "wrote the first configuration of Syncthing"
}

make_secret db_password
make_secret syncthing_api_key
make_syncthing_config
make_folders
say "ready"
