<?php
// The site of a band: news, dates, shirts. One file, so that it is easy to change one thing and see what gives way.
ini_set('default_socket_timeout', '10');
$base = (int)getenv('SITE_PORT');

function db(): PDO {
  global $base;
  return new PDO('mysql:host=127.0.0.1;port=' . ($base + 2) . ';dbname=band', 'site', 'site', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
}
function store(): Redis {
  global $base;
  $r = new Redis();
  $r->connect('127.0.0.1', $base + 3, 5);
  return $r;
}
function page(string $title, array $lines): void {
  echo '<!doctype html><title>', $title, '</title><h1>', $title, '</h1><ul>';
  foreach ($lines as $line) echo '<li>', htmlspecialchars($line), '</li>';
  echo '</ul>';
}
function fan(): string {
  $email = store()->get('session:' . ($_COOKIE['session'] ?? ''));
  if (!$email) { http_response_code(403); page('Please log in', []); exit; }
  return $email;
}

switch (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
case '/':
  $r = store();
  $news = $r->get('news');
  if (!$news) {
    $news = json_encode(db()->query('SELECT text FROM news ORDER BY id DESC LIMIT 10')->fetchAll(PDO::FETCH_COLUMN));
    $r->setex('news', 5, $news);
  }
  page('News', json_decode($news));
  break;
case '/login':
  $ask = db()->prepare('SELECT password FROM fans WHERE email = ?');
  $ask->execute([$_POST['email'] ?? '']);
  if ($ask->fetchColumn() !== hash('sha256', $_POST['password'] ?? '')) { http_response_code(403); page('Wrong password', []); break; }
  $session = bin2hex(random_bytes(16));
  store()->setex("session:$session", 3600, $_POST['email']);
  setcookie('session', $session);
  page('Welcome', []);
  break;
case '/events':
  fan();
  $ask = db()->prepare('SELECT CONCAT(day, " ", hall) FROM events WHERE city = ? ORDER BY day LIMIT 20');
  $ask->execute([(int)($_GET['city'] ?? 0)]);
  page('Events', $ask->fetchAll(PDO::FETCH_COLUMN));
  break;
case '/store':
  fan();
  page('Store', db()->query('SELECT CONCAT(name, ": ", stock) FROM shirts ORDER BY name')->fetchAll(PDO::FETCH_COLUMN));
  break;
case '/order':
  $email = fan();
  $db = db();
  $db->beginTransaction();
  $db->prepare('UPDATE shirts SET stock = stock - 1 WHERE id = ?')->execute([(int)($_POST['shirt'] ?? 0)]);
  $db->prepare('INSERT INTO orders (email, shirt) VALUES (?, ?)')->execute([$email, (int)($_POST['shirt'] ?? 0)]);
  $db->commit();
  page('Thank you', []);
  break;
default:
  http_response_code(404);
  page('Not here', []);
}
