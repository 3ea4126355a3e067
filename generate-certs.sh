#!/usr/bin/env bash
# Makes a certificate for the image server: certs/cert.pem and certs/key.pem in the data directory.
#
# Usage: ./generate-certs.sh [IP]
#
# Asks for the server's address where none is given; Enter passes over it. The data directory is
# $IMAGE_SERVER_DATA_ROOT, which may stand in .env as docker compose reads it, else
# /opt/image-server-data. Files that are there already stay.
#
# Without any such files the server makes a certificate by itself: this is for who wants to keep it apart.
set -euo pipefail

days=825 # the most that every browser accepts
bits=2048 # the cheapest for a frame; 4096 cost it three times the work in each request

# say ENGLISH RUSSIAN
say() {
  case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
    ru*) printf '%s\n' "$2" ;;
    *) printf '%s\n' "$1" ;;
  esac
}

fail() {
  say "$@" >&2
  exit 1
}

is_ipv4() {
  local part
  [[ $1 =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] || return 1
  for part in ${1//./ }; do
    ((10#$part <= 255)) || return 1
  done
}

is_ipv6() { [[ $1 == *:*:* && $1 =~ ^[0-9A-Fa-f:.]+$ ]]; }

if [[ -z ${IMAGE_SERVER_DATA_ROOT:-} && -f .env ]]; then
  IMAGE_SERVER_DATA_ROOT=$(sed -n 's/^\(export \)\{0,1\}IMAGE_SERVER_DATA_ROOT=["'\'']\{0,1\}\([^"'\'']*\).*$/\2/p' .env | tail -n 1)
fi
certs=${IMAGE_SERVER_DATA_ROOT:-/opt/image-server-data}/certs
certificate=$certs/cert.pem
key=$certs/key.pem

command -v openssl >/dev/null || fail "openssl is missing: install it first" "Нет openssl: сначала установите его"

if [[ -e $certificate && -e $key ]]; then
  say "There is a certificate in $certs already; remove it first if you want a new one" \
    "В $certs уже есть сертификат; если нужен новый, сначала удалите его"
  exit 0
fi
for file in "$certificate" "$key"; do
  [[ ! -e $file ]] || fail "$file is there without its other half: remove it first" "Есть только $file, без пары: сначала удалите его"
done

if (($# > 0)); then
  address=$1
else
  say "The server's address in your network, such as 192.168.1.100 (Enter to pass over):" \
    "IP-адрес сервера в вашей сети, например 192.168.1.100 (Enter, чтобы пропустить):"
  read -r address || address=
fi
names="IP:127.0.0.1, DNS:localhost"
if [[ -n $address ]]; then
  is_ipv4 "$address" || is_ipv6 "$address" || fail "$address is no IP address" "$address не похож на IP-адрес"
  names="$names, IP:$address"
fi

mkdir -p "$certs" || fail "$certs can't be made" "Не удалось создать $certs"
work=$(mktemp -d "$certs/.new-XXXXXX")
trap 'rm -rf "$work"' EXIT
cat >"$work/config" <<END
[req]
prompt = no
distinguished_name = subject
x509_extensions = extensions
[subject]
CN = AIFrames ImageServer
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = $names
END
openssl req -x509 -newkey "rsa:$bits" -nodes -sha256 -days "$days" -config "$work/config" \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/errors" || {
  cat "$work/errors" >&2
  fail "openssl could not make the certificate" "openssl не смог создать сертификат"
}
chmod 600 "$work/key.pem"
chmod 644 "$work/cert.pem"
mv "$work/key.pem" "$key"
mv "$work/cert.pem" "$certificate"
say "Made $certificate and $key for ${names//, / }" "Созданы $certificate и $key для ${names//, / }"
