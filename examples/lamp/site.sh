#!/usr/bin/env bash
# Starts the site of a band on this machine: Apache at SITE_PORT (8100) of 127.0.0.1, PHP, MariaDB and Redis at the three ports after it, in a folder of its
# own. Ctrl-C ends all of it and removes the folder.
#
#   apt-get install apache2 php-fpm php-mysql php-redis mariadb-server redis-server
#
# What each may do at most is a variable, so that you can see what gives way: WORKERS (Apache's MaxRequestWorkers, 150), CHILDREN (PHP's processes, 20),
# CONNECTIONS (MariaDB's max_connections, 151).
set -euo pipefail
export SITE_PORT=${SITE_PORT:-8100}
workers=${WORKERS:-150} children=${CHILDREN:-20} connections=${CONNECTIONS:-151}
here=$(cd "$(dirname "$0")" && pwd)
web=$SITE_PORT php=$((SITE_PORT + 1)) db=$((SITE_PORT + 2)) cache=$((SITE_PORT + 3))

# program NAME PATTERN is where a program is; Debian has some of them beside the path.
program() {
	command -v "$1" || compgen -G "$2" | sort -V | tail -1 || { echo "site.sh: $1 is not installed; see the top of this file" >&2; exit 1; }
}
apache=$(program apache2 /usr/sbin/apache2) fpm=$(program php-fpm '/usr/sbin/php-fpm*') mariadbd=$(program mariadbd /usr/sbin/mariadbd)
install=$(program mariadb-install-db /usr/bin/mariadb-install-db) client=$(program mariadb /usr/bin/mariadb) redis=$(program redis-server /usr/bin/redis-server)

dir=$(mktemp -d)
chmod 755 "$dir"
started=()
end() {
	trap - EXIT INT TERM
	for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
	wait
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 0' INT TERM

# begin PORT COMMAND... starts a server and waits until it listens.
begin() {
	local port=$1
	shift
	"$@" >>"$dir/log" 2>&1 &
	started+=($!)
	for _ in $(seq 600); do
		if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
		kill -0 "${started[-1]}" 2>/dev/null || break
		sleep 0.1
	done
	echo "site.sh: $1 does not listen at port $port:" >&2
	tail -5 "$dir/log" >&2
	exit 1
}

account=() pool=()
if [ "$(id -u)" = 0 ]; then # Apache and PHP do not work as root
	account=(-c 'User www-data' -c 'Group www-data')
	pool=('user = www-data' 'group = www-data')
fi

mkdir "$dir/site"
cp "$here/site/index.php" "$dir/site/"
{
	echo "ServerRoot $dir"
	for m in mpm_event authz_core status dir proxy proxy_fcgi; do echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"; done
	cat <<-CONF
		ServerName localhost
		Listen 127.0.0.1:$web
		PidFile $dir/apache.pid
		ErrorLog $dir/log
		MaxRequestWorkers $workers
		ThreadsPerChild $((workers < 25 ? workers : 25))
		ServerLimit $(((workers + 24) / 25))
		ExtendedStatus On
		DocumentRoot $dir/site
		FallbackResource /index.php
		<Location /server-status>
		SetHandler server-status
		</Location>
		ProxyPass "/fpm-status" "fcgi://127.0.0.1:$php/fpm-status"
		<FilesMatch "\.php$">
		SetHandler "proxy:fcgi://127.0.0.1:$php"
		</FilesMatch>
	CONF
} >"$dir/apache.conf"
printf '%s\n' '[global]' "error_log = $dir/log" 'daemonize = no' '[www]' "${pool[@]}" "listen = 127.0.0.1:$php" 'pm = static' "pm.max_children = $children" \
	'pm.status_path = /fpm-status' "env[SITE_PORT] = $SITE_PORT" >"$dir/fpm.conf"

"$install" --no-defaults --tmpdir="$dir" --datadir="$dir/data" --auth-root-authentication-method=normal --skip-test-db --user="$(id -un)" >>"$dir/log" 2>&1
begin "$db" "$mariadbd" --no-defaults --tmpdir="$dir" --datadir="$dir/data" --socket="$dir/db.sock" --port="$db" --bind-address=127.0.0.1 --user="$(id -un)" \
	--max-connections="$connections" --skip-name-resolve
"$client" --no-defaults --user=root --socket="$dir/db.sock" <<-'SQL'
	CREATE DATABASE band;
	USE band;
	CREATE TABLE news (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200));
	CREATE TABLE fans (email VARCHAR(80) PRIMARY KEY, password CHAR(64));
	CREATE TABLE events (id INT PRIMARY KEY, city INT, day DATE, hall VARCHAR(40), KEY city (city));
	CREATE TABLE shirts (id INT PRIMARY KEY, name VARCHAR(40), stock INT);
	CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(80), shirt INT);
	INSERT INTO news (text) SELECT CONCAT('Tour date ', seq, ' is announced') FROM seq_1_to_30;
	INSERT INTO fans SELECT CONCAT('fan', seq, '@fans.example'), SHA2('encore', 256) FROM seq_1_to_1000;
	INSERT INTO events SELECT seq, seq MOD 500, '2027-05-01' + INTERVAL seq MOD 200 DAY, CONCAT('Hall ', seq MOD 37) FROM seq_1_to_50000;
	INSERT INTO shirts SELECT seq, CONCAT('Shirt ', seq), 100000 FROM seq_1_to_20;
	CREATE USER site@'127.0.0.1' IDENTIFIED BY 'site';
	GRANT ALL ON band.* TO site@'127.0.0.1';
	CREATE USER monitor@'127.0.0.1' IDENTIFIED BY 'monitor';
	GRANT PROCESS ON *.* TO monitor@'127.0.0.1';
SQL
begin "$cache" "$redis" --port "$cache" --bind 127.0.0.1 --save '' --dir "$dir" --maxmemory 64mb
begin "$php" "$fpm" -F -y "$dir/fpm.conf" -p "$dir"
begin "$web" "$apache" -DFOREGROUND -f "$dir/apache.conf" "${account[@]}"
echo "the site is at http://127.0.0.1:$web; Ctrl-C ends it"
wait -n || { echo "site.sh: a server ended by itself:" >&2; tail -5 "$dir/log" >&2; exit 1; }
