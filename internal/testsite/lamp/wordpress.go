package lamp

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Blog is a WordPress that runs, from Debian's package, with Apache, PHP and a database of its own. Stop ends it.
type Blog struct {
	*Stack
	seen string // the file of pages that were shown to somebody who is logged in
}

// Account is somebody who may write on a blog.
type Account struct{ Name, Password string }

// wordpressFiles is where Debian's package puts WordPress, and themes where it puts what a blog looks like; one of them is needed.
const (
	wordpressFiles = "/usr/share/wordpress"
	themes         = "/usr/share/wordpress/wp-content/themes /var/lib/wordpress/wp-content/themes"
)

// WordPressMissing is what StartWordPress needs and is not installed; empty when it can work.
func WordPressMissing() (names []string) {
	for _, name := range []string{"apache2", "php", "php-fpm", "mariadbd", "mariadb", "mariadb-install-db"} {
		if find(name) == "" {
			names = append(names, name)
		}
	}
	if found, _ := filepath.Glob("/usr/lib/php/*/mysqli.so"); len(found) == 0 {
		names = append(names, "PHP's mysqli (php-mysql)")
	}
	if _, err := os.Stat(filepath.Join(wordpressFiles, "wp-login.php")); err != nil {
		names = append(names, "wordpress")
	} else if theme() == "" {
		names = append(names, "a theme (wordpress-theme-twentytwentythree)")
	}
	slices.Sort(names)
	return names
}

// theme is the folder of a theme that is installed, of several the last by name; "" for none.
func theme() string {
	for folder := range strings.FieldsSeq(themes) {
		if found, _ := filepath.Glob(filepath.Join(folder, "*", "style.css")); len(found) > 0 {
			return filepath.Dir(found[len(found)-1])
		}
	}
	return ""
}

// StartWordPress starts a blog with these accounts, which may publish, and one of an administrator, "admin". It asks nobody outside of this machine.
func StartWordPress(ctx context.Context, accounts []Account) (*Blog, error) {
	if missing := WordPressMissing(); len(missing) > 0 {
		return nil, fmt.Errorf("not installed: %s", strings.Join(missing, ", "))
	}
	dir, err := os.MkdirTemp("", "blog")
	if err != nil {
		return nil, err
	}
	b := &Blog{Stack: &Stack{dir: dir}, seen: filepath.Join(dir, "seen")}
	if err := b.start(ctx, accounts); err != nil {
		b.Stop()
		return nil, err
	}
	return b, nil
}

func (b *Blog) start(ctx context.Context, accounts []Account) error {
	if err := os.Chmod(b.dir, 0o777); err != nil { // servers that give up root must reach their files
		return err
	}
	var ports [3]int
	if err := freePorts(ports[:]); err != nil {
		return err
	}
	web, php, db := ports[0], ports[1], ports[2]
	b.URL = fmt.Sprintf("http://127.0.0.1:%d", web)
	if err := b.files(ctx, web, php, db); err != nil {
		return err
	}
	if err := b.runDatabase(ctx, db, Options{}.filled(), "blog"); err != nil {
		return err
	}
	if err := b.Exec(ctx, "CREATE USER blog@'127.0.0.1' IDENTIFIED BY 'blog'", "GRANT ALL ON blog.* TO blog@'127.0.0.1'"); err != nil {
		return err
	}
	if err := b.run(ctx, "php", php, []string{find("php-fpm"), "-F", "-y", b.dir + "/fpm.conf", "-p", b.dir}); err != nil {
		return err
	}
	if err := b.run(ctx, "web", web, []string{find("apache2"), "-DFOREGROUND", "-f", b.dir + "/httpd.conf"}); err != nil {
		return err
	}
	if err := b.install(ctx); err != nil {
		return fmt.Errorf("install.php: %w", err)
	}
	return b.enrol(ctx, accounts)
}

// files copies WordPress, as its programs look for each other beside themselves, and writes what is this blog's own.
func (b *Blog) files(ctx context.Context, web, php, db int) error {
	site := filepath.Join(b.dir, "htdocs")
	if out, err := exec.CommandContext(ctx, "cp", "-rL", wordpressFiles, site).CombinedOutput(); err != nil {
		return fmt.Errorf("copy WordPress: %w: %.300s", err, out)
	}
	look := theme()
	if out, err := exec.CommandContext(ctx, "cp", "-rL", look, filepath.Join(site, "wp-content/themes/")).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the theme: %w: %.300s", err, out)
	}
	if err := os.WriteFile(b.seen, nil, 0o666); err != nil {
		return err
	}
	if err := os.Chmod(b.seen, 0o666); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"httpd.conf": blogConf(b.dir, web, php), "fpm.conf": fpmConf(b.dir, php, Options{Children: 8}) + "php_admin_value[sendmail_path] = /bin/true\n",
		"htdocs/wp-config.php": blogConfig(db, filepath.Base(look)), "htdocs/wp-content/mu-plugins/staging.php": blogPlugin(b.seen),
	} {
		path := filepath.Join(b.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// install sets the blog up, as its owner would in a browser.
func (b *Blog) install(ctx context.Context) error {
	form := url.Values{
		"weblog_title": {"Notes"}, "user_name": {"admin"}, "admin_password": {"the-owner-of-it-all"}, "admin_password2": {"the-owner-of-it-all"}, "pw_weak": {"1"},
		"admin_email": {"admin@blog.example"}, "blog_public": {"0"}, "language": {""},
	}
	ctx, cancel := context.WithTimeout(ctx, longestStart)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.URL+"/wp-admin/install.php?step=2", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(text), "wp-login.php") {
		return fmt.Errorf("it answered %s: %.600s", resp.Status, text)
	}
	return nil
}

// enrol makes accounts, by WordPress' own functions.
func (b *Blog) enrol(ctx context.Context, accounts []Account) error {
	var php strings.Builder
	fmt.Fprintf(&php, "$_SERVER['HTTP_HOST'] = '127.0.0.1'; require '%s/htdocs/wp-load.php';\n", b.dir)
	for _, a := range accounts {
		fmt.Fprintf(&php, "$u = wp_insert_user(['user_login' => '%[1]s', 'user_pass' => '%[2]s', 'user_email' => '%[1]s@blog.example', 'role' => 'editor']); if (is_wp_error($u)) { echo $u->get_error_message(); exit(1); }\n", a.Name, a.Password)
	}
	c := exec.CommandContext(ctx, find("php"), "-r", php.String())
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("make the accounts: %w: %.300s", err, out)
	}
	return nil
}

// Seen is how many pages were shown so far to somebody who was logged in.
func (b *Blog) Seen() (int, error) {
	text, err := os.ReadFile(b.seen)
	return strings.Count(string(text), "\n"), err
}

// Written is how many posts and comments were published so far.
func (b *Blog) Written(ctx context.Context) (posts, comments int, err error) {
	out, err := exec.CommandContext(ctx, find("mariadb"), "--no-defaults", "--user=root", "--socket="+b.dir+"/db.sock", "--skip-column-names", "--execute="+
		"SELECT (SELECT COUNT(*) FROM wp_posts WHERE post_type = 'post' AND post_status = 'publish'), (SELECT COUNT(*) FROM wp_comments WHERE comment_approved = '1')", "blog").Output()
	if err != nil {
		return 0, 0, err
	}
	_, err = fmt.Sscan(string(out), &posts, &comments)
	return posts, comments, err
}

// blogConf is Apache with PHP behind it, as the guide of WordPress has it.
func blogConf(dir string, web, php int) string {
	text := strings.Replace(apacheConf(dir, web, php, Options{}.filled()), "ErrorLog /dev/null\n",
		"ErrorLog "+dir+"/error.log\nLoadModule mime_module /usr/lib/apache2/modules/mod_mime.so\nTypesConfig /etc/mime.types\n", 1)
	return text + fmt.Sprintf("<Directory %s/htdocs>\nFallbackResource /index.php\n</Directory>\n", dir)
}

// blogConfig is the file that every WordPress has of its own. Nobody outside is asked, for updates or news.
func blogConfig(db int, look string) string {
	keys := ""
	for _, k := range []string{"AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY", "AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT"} {
		keys += fmt.Sprintf("define('%s', '%d of a blog of tests %s');\n", k, time.Now().UnixNano(), k)
	}
	return fmt.Sprintf(`<?php
define('DB_NAME', 'blog'); define('DB_USER', 'blog'); define('DB_PASSWORD', 'blog'); define('DB_HOST', '127.0.0.1:%d'); define('DB_CHARSET', 'utf8mb4');
%sdefine('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('DISABLE_WP_CRON', true); define('WP_DEFAULT_THEME', '%s');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
`, db, keys, look)
}

// blogPlugin is what a staging site switches off before a test: the guard against comments that follow each other quickly. It notes which pages
// are shown to whom is logged in.
func blogPlugin(seen string) string {
	return fmt.Sprintf(`<?php
add_action('init', function () { remove_action('check_comment_flood', 'check_comment_flood_db', 10); add_filter('wp_is_comment_flood', '__return_false', 99); });
add_action('shutdown', function () {
  $page = false;
  foreach (headers_list() as $h) { $page = $page || stripos($h, 'Content-Type: text/html') === 0; }
  if ($page && http_response_code() === 200 && is_user_logged_in() && !wp_doing_ajax()) {
    file_put_contents('%s', wp_get_current_user()->user_login . ' ' . $_SERVER['REQUEST_METHOD'] . ' ' . $_SERVER['REQUEST_URI'] . "\n", FILE_APPEND | LOCK_EX);
  }
});
`, seen)
}
