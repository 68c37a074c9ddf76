"""A server of events that is not written in Go, for tests. Its only argument is the port; it says "ready" when it listens."""
import http.server
import sys
import time


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def chunk(self, text):
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def do_GET(self):
        last = self.headers.get("Last-Event-ID", "")
        if last == "9":
            self.send_response(204)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("X-Accel-Buffering", "no")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.chunk(": welcome\nretry: 20\n\n")
        first = int(last or "0") + 1
        for i in range(first, first + 3):  # three, then the stream ends
            for part in ("id: %d\ndata: number" % i, " %d\ndata: %s\n" % (i, self.headers.get("Cookie", "no cookie")), "\n"):
                self.chunk(part)
            time.sleep(0.05)
        self.chunk("id: 99\ndata: half an event")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Site)
print("ready", flush=True)
server.serve_forever()
