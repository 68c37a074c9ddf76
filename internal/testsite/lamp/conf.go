package lamp

import (
	"fmt"
	"os"
)

// apacheConf is Apache with threads, its status page, and PHP behind it.
func apacheConf(dir string, web, php int, o Options) string {
	threads := 25
	if o.Workers < threads || o.Workers%threads != 0 {
		threads = o.Workers
	}
	modules := ""
	for _, m := range []string{"mpm_event", "authz_core", "status", "dir", "proxy", "proxy_fcgi"} {
		modules += fmt.Sprintf("LoadModule %[1]s_module /usr/lib/apache2/modules/mod_%[1]s.so\n", m)
	}
	identity := ""
	if os.Getuid() == 0 {
		identity = "User nobody\nGroup nogroup\n"
	}
	return fmt.Sprintf(`ServerRoot %[1]s
ServerName localhost
Listen 127.0.0.1:%[2]d
ListenBacklog %[3]d
PidFile %[1]s/httpd.pid
ErrorLog /dev/null
%[4]s%[5]sServerLimit %[6]d
StartServers %[6]d
ThreadsPerChild %[7]d
MaxRequestWorkers %[8]d
MinSpareThreads 1
MaxSpareThreads %[8]d
ExtendedStatus On
KeepAliveTimeout 60
MaxKeepAliveRequests 0
DocumentRoot %[1]s/htdocs
DirectoryIndex index.php
<Location /server-status>
SetHandler server-status
</Location>
ProxyPass "/fpm-status" "fcgi://127.0.0.1:%[9]d/fpm-status"
<FilesMatch "\.php$">
SetHandler "proxy:fcgi://127.0.0.1:%[9]d"
</FilesMatch>
`, dir, web, o.Backlog, modules, identity, o.Workers/threads, threads, o.Workers, php)
}

// fpmConf is PHP with a fixed number of processes.
func fpmConf(dir string, port int, o Options) string {
	identity := ""
	if os.Getuid() == 0 {
		identity = "user = nobody\ngroup = nogroup\n"
	}
	return fmt.Sprintf(`[global]
error_log = %s/fpm.log
daemonize = no
[www]
%slisten = 127.0.0.1:%d
pm = static
pm.max_children = %d
pm.status_path = /fpm-status
php_admin_flag[display_errors] = off
`, dir, identity, port, o.Children)
}

// page is the site: one script, which does what ?do= names. Its usual page asks the database for a product and the cache for a counter.
func page(db, cache int, api string) string {
	return fmt.Sprintf(`<?php
ini_set('default_socket_timeout', 10);
function db() { return new PDO('mysql:host=127.0.0.1;port=%[1]d;dbname=shop', 'shop', 'shop', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]); }
function cache() { $r = new Redis(); $r->connect('127.0.0.1', %[2]d, 10); return $r; }
function burn($ms) { $end = hrtime(true) + $ms * 1e6; $x = 0; $used = getrusage(); $cpu = $used['ru_utime.tv_usec'] + 1e6 * $used['ru_utime.tv_sec'];
  do { for ($i = 0; $i < 2000; $i++) { $x += $i * $i %% 7; } $u = getrusage(); } while ($u['ru_utime.tv_usec'] + 1e6 * $u['ru_utime.tv_sec'] < $cpu + 1000 * $ms); return $x; }
$artist = random_int(0, 4999);
try {
  switch ($_GET['do'] ?? 'page') {
  case 'cpu': burn(8); break;
  case 'wait': usleep(200000); break;
  case 'artist': db()->query("SELECT COUNT(*), MAX(name) FROM products WHERE artist = $artist")->fetchAll(); break;
  case 'hold': db()->query('SELECT SLEEP(0.15)')->fetchAll(); break;
  case 'script': $r = cache(); $r->eval('local x = 0 for i = 1, 2500000 do x = x + i end return x'); break;
  case 'keep': $r = cache(); if (!$r->set('k' . random_int(0, PHP_INT_MAX), str_repeat('x', 40000))) { throw new Exception($r->getLastError()); } break;
  case 'outside': $c = curl_init('%[3]s/price'); curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 10]);
    if (curl_exec($c) === false) { throw new Exception(curl_error($c)); } break;
  default: db()->query('SELECT name FROM products WHERE id = ' . random_int(1, 100000))->fetchAll(); cache()->incr('visits');
  }
  echo 'ok';
} catch (Throwable $e) { http_response_code(500); echo get_class($e), ': ', $e->getMessage(); }
`, db, cache, api)
}
