// Package lamp starts a small site of the kind that most of the web runs on: Apache, PHP, MariaDB and Redis, from Debian's packages, on private
// ports of 127.0.0.1, in a folder of its own. What each of them can do at most is chosen by who starts it, so that a bottleneck can be planted; a
// slow API of somebody else stands beside them. A [Blog] is a WordPress with servers of its own.
//
// Debian: apt-get install apache2 php-fpm php-mysql php-redis php-curl mariadb-server redis-server
package lamp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Options are what the servers can do at most. Zeros are roomy.
type Options struct {
	Workers     int // Apache's MaxRequestWorkers; zero means 150
	Children    int // PHP's pm.max_children; zero means 40
	Backlog     int // Apache's ListenBacklog; zero means 511
	Connections int // MariaDB's max_connections; zero means 151
	Memory      int // Redis' maxmemory in MB; zero means 64

	// Cores is how much of a processor each of the [Tiers] has: 0.3, 1; zero means 1. Nil gives them no machines of their own: they share this one as they are.
	Cores map[string]float64
}

// Stack is a site that runs. Stop ends it.
type Stack struct {
	URL       string // of the site; /?do=page is its usual page
	Web, PHP  string // addresses of their status pages
	DB, Cache string // USER:PASSWORD@HOST:PORT and HOST:PORT
	API       *API
	Machines  map[string]string // control group of each of the tiers; nil when they have none

	tiers    *tiers
	dir      string
	database string // its name
	servers  []*server
}

// programs are what must be there, and where Debian puts what is not on the path.
var programs = map[string]string{"apache2": "/usr/sbin/apache2", "php-fpm": "/usr/sbin/php-fpm*", "mariadbd": "/usr/sbin/mariadbd", "mariadb": "", "mariadb-install-db": "", "redis-server": "", "redis-cli": ""}

// Missing is which programs and PHP extensions are not installed; empty when Start can work.
func Missing() (names []string) {
	for name := range programs {
		if find(name) == "" {
			names = append(names, name)
		}
	}
	for _, extension := range []string{"pdo_mysql", "redis", "curl"} {
		if found, _ := filepath.Glob("/usr/lib/php/*/" + extension + ".so"); len(found) == 0 {
			names = append(names, "PHP's "+extension)
		}
	}
	return names
}

func find(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if found, _ := filepath.Glob(programs[name]); len(found) > 0 {
		return found[len(found)-1]
	}
	return ""
}

// Start starts a site. Its folder is a temporary one, which Stop removes.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if missing := Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("not installed: %s", strings.Join(missing, ", "))
	}
	dir, err := os.MkdirTemp("", "lamp")
	if err != nil {
		return nil, err
	}
	s := &Stack{dir: dir}
	if err := s.start(ctx, o.filled()); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (o Options) filled() Options {
	for value, usual := range map[*int]int{&o.Workers: 150, &o.Children: 40, &o.Backlog: 511, &o.Connections: 151, &o.Memory: 64} {
		if *value == 0 {
			*value = usual
		}
	}
	return o
}

func (s *Stack) start(ctx context.Context, o Options) error {
	if err := os.Chmod(s.dir, 0o777); err != nil { // servers that give up root must reach their files
		return err
	}
	var ports [4]int
	if err := freePorts(ports[:]); err != nil {
		return err
	}
	if o.Cores != nil {
		var err error
		if s.tiers, err = newTiers(o.Cores); err != nil {
			return err
		}
		s.Machines = map[string]string{}
		for _, tier := range Tiers {
			s.Machines[tier] = s.tiers.folder(tier)
		}
	}
	web, php, db, cache := ports[0], ports[1], ports[2], ports[3]
	s.URL = fmt.Sprintf("http://127.0.0.1:%d", web)
	s.Web, s.PHP = s.URL+"/server-status", s.URL+"/fpm-status"
	s.DB, s.Cache = fmt.Sprintf("monitor:monitor@127.0.0.1:%d", db), fmt.Sprintf("127.0.0.1:%d", cache)
	var err error
	if s.API, err = startAPI(); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"httpd.conf": apacheConf(s.dir, web, php, o), "fpm.conf": fpmConf(s.dir, php, o),
		"htdocs/index.php": page(db, cache, s.API.URL),
	} {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := s.startDatabase(ctx, db, o); err != nil {
		return err
	}
	for _, one := range []struct {
		tier string
		port int
		line []string
	}{
		{"cache", cache, []string{
			find("redis-server"), "--port", fmt.Sprint(cache), "--bind", "127.0.0.1", "--save", "", "--dir", s.dir, "--maxmemory", fmt.Sprintf("%dmb", o.Memory),
			"--maxmemory-policy", "noeviction", "--enable-debug-command", "local",
		}},
		{"php", php, []string{find("php-fpm"), "-F", "-y", s.dir + "/fpm.conf", "-p", s.dir}},
		{"web", web, []string{find("apache2"), "-DFOREGROUND", "-f", s.dir + "/httpd.conf"}},
	} {
		if err := s.run(ctx, one.tier, one.port, one.line); err != nil {
			return err
		}
	}
	return nil
}

// rows is how many the table of products has: a query that finds one by its index is quick, one that reads them all is not.
const rows = 150_000

func (s *Stack) startDatabase(ctx context.Context, port int, o Options) error {
	if err := s.runDatabase(ctx, port, o, "shop"); err != nil {
		return err
	}
	return s.Exec(ctx,
		"CREATE USER shop@'127.0.0.1' IDENTIFIED BY 'shop'", "GRANT ALL ON shop.* TO shop@'127.0.0.1'",
		"CREATE USER monitor@'127.0.0.1' IDENTIFIED BY 'monitor'", "GRANT PROCESS ON *.* TO monitor@'127.0.0.1'",
		"CREATE TABLE shop.products (id INT PRIMARY KEY, artist INT, name VARCHAR(60), KEY artist (artist)) ENGINE=InnoDB",
		fmt.Sprintf("INSERT INTO products SELECT seq, seq MOD 5000, CONCAT('Product ', seq, REPEAT('x', 30)) FROM seq_1_to_%d", rows),
	)
}

// runDatabase starts MariaDB with one empty database.
func (s *Stack) runDatabase(ctx context.Context, port int, o Options, name string) error {
	s.database = name
	// A folder of its own for temporary tables: a server that starts removes those of others that it finds.
	install := exec.CommandContext(ctx, find("mariadb-install-db"), "--no-defaults", "--tmpdir="+s.dir, "--datadir="+s.dir+"/data", "--auth-root-authentication-method=normal", "--skip-test-db", "--user="+account())
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w: %.300s", err, out)
	}
	err := s.run(ctx, "db", port, []string{
		find("mariadbd"), "--no-defaults", "--tmpdir=" + s.dir, "--datadir=" + s.dir + "/data", "--socket=" + s.dir + "/db.sock", "--port", fmt.Sprint(port), "--bind-address=127.0.0.1",
		"--user=" + account(), fmt.Sprintf("--max-connections=%d", o.Connections), "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--skip-name-resolve",
	})
	if err != nil {
		return err
	}
	create := exec.CommandContext(ctx, find("mariadb"), "--no-defaults", "--user=root", "--socket="+s.dir+"/db.sock", "--execute=CREATE DATABASE "+name)
	if out, err := create.CombinedOutput(); err != nil {
		return fmt.Errorf("create the database: %w: %.300s", err, out)
	}
	return nil
}

// Exec runs statements as the database's administrator. It has a connection beyond max_connections, and comes back when the statements are done.
func (s *Stack) Exec(ctx context.Context, statements ...string) error {
	c := exec.CommandContext(ctx, find("mariadb"), "--no-defaults", "--user=root", "--socket="+s.dir+"/db.sock", "--execute="+strings.Join(statements, "; "), s.database)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%.60s: %w: %.300s", statements[0], err, out)
	}
	return nil
}

// Redis runs a command of Redis.
func (s *Stack) Redis(ctx context.Context, command ...string) error {
	_, port, _ := strings.Cut(s.Cache, ":")
	if out, err := exec.CommandContext(ctx, find("redis-cli"), append([]string{"-p", port}, command...)...).CombinedOutput(); err != nil {
		return fmt.Errorf("redis-cli %v: %w: %.300s", command, err, out)
	}
	return nil
}

// Stop ends all servers and removes the folder.
func (s *Stack) Stop() error {
	var errs []error
	for i := len(s.servers) - 1; i >= 0; i-- {
		s.servers[i].stop()
	}
	if s.API != nil {
		errs = append(errs, s.API.Close())
	}
	if s.tiers != nil {
		s.tiers.remove()
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}
