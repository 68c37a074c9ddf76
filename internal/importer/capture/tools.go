package capture

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// tools are a Chromium's developer tools, by its protocol (CDP).
type tools struct {
	conn  *websocket.Conn
	proxy *Proxy
	id    atomic.Int64
	ctx   context.Context
	stop  context.CancelFunc
	done  chan struct{}

	mu      sync.Mutex
	page    string // the session of the first page
	ready   chan struct{}
	waiting map[int64]chan json.RawMessage
}

// message is what both sides send.
type message struct {
	ID      int64           `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
}

// binding is the function that pages get, by which they tell of clicks.
const binding = "__stampedeClicked"

// script runs in every page before its own. It tells what was clicked, in words that a person would use. A page that is left at once may be gone
// before it is heard, or was made before it could tell: so a click is also kept for the tab, and told again by the next page of the site.
const script = `(() => {
  const key = '__stampedeClicks';
  const heard = () => typeof window.` + binding + ` === 'function';
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(key)) || []; } catch { return []; } };
  const keep = (all) => { try { all.length ? sessionStorage.setItem(key, JSON.stringify(all)) : sessionStorage.removeItem(key); } catch {} };
  if (heard()) {
    const all = kept();
    for (const line of all) window.` + binding + `(line);
    if (all.length) keep([]);
  }
  if (window.__stampedeTells) return;
  Object.defineProperty(window, '__stampedeTells', {value: true});
  const words = (e) => (e.innerText || e.value || e.getAttribute('aria-label') || e.title || e.alt || e.name || '').trim();
  const tell = (e) => {
    const hit = e.target.closest && e.target.closest('a,button,input[type=submit],input[type=button],input[type=image],[role=button],[role=link],[onclick],label,summary');
    if (!hit || !e.isTrusted) return;
    const line = Date.now() + ' ' + (words(hit).slice(0, 80) || hit.tagName.toLowerCase());
    keep([...kept().slice(-9), line]);
    if (heard()) window.` + binding + `(line);
  };
  document.addEventListener('click', tell, true);
})()`

// attach connects to a browser and watches all its pages, those to come too.
func attach(ctx context.Context, address string, p *Proxy) (*tools, error) {
	dialCtx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(dialCtx, address, nil)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(64 << 20)
	t := &tools{conn: conn, proxy: p, done: make(chan struct{}), ready: make(chan struct{}), waiting: map[int64]chan json.RawMessage{}}
	t.ctx, t.stop = context.WithCancel(context.WithoutCancel(ctx))
	go t.read()
	return t, t.send("", "Target.setAutoAttach", map[string]any{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true})
}

// send sends a command and does not wait for what becomes of it.
func (t *tools) send(session, method string, params any) error {
	_, err := t.post(session, method, params)
	return err
}

func (t *tools) post(session, method string, params any) (int64, error) {
	id := t.id.Add(1)
	if params == nil {
		params = struct{}{}
	}
	b, err := json.Marshal(message{ID: id, Session: session, Method: method, Params: params})
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(t.ctx, 10*time.Second)
	defer cancel()
	return id, t.conn.Write(ctx, websocket.MessageText, b)
}

// read takes what the browser says until it is closed.
func (t *tools) read() {
	defer close(t.done)
	for {
		_, b, err := t.conn.Read(t.ctx)
		if err != nil {
			return
		}
		var m struct {
			message
			Params struct {
				SessionID  string
				Name       string
				Payload    string
				TargetInfo struct{ Type string }
				Context    struct {
					ID      int
					AuxData struct{ IsDefault bool }
				}
			} `json:"params"`
		}
		if json.Unmarshal(b, &m) != nil {
			continue
		}
		switch m.Method {
		case "Target.attachedToTarget":
			t.attached(m.Params.SessionID, m.Params.TargetInfo.Type)
		case "Runtime.executionContextCreated":
			// A page that moves to another process of the browser, as the first one does, sometimes arrives there without them.
			if c := m.Params.Context; c.AuxData.IsDefault {
				_ = t.send(m.Session, "Runtime.addBinding", map[string]any{"name": binding})
				_ = t.send(m.Session, "Runtime.evaluate", map[string]any{"expression": script, "contextId": c.ID})
			}
		case "Runtime.bindingCalled":
			if m.Params.Name == binding {
				t.told(m.Params.Payload)
			}
		}
		if m.ID > 0 {
			t.mu.Lock()
			if c := t.waiting[m.ID]; c != nil {
				c <- m.Result
				delete(t.waiting, m.ID)
			}
			t.mu.Unlock()
		}
	}
}

// told takes what a page says of a click: when it was, by its own clock, which is this machine's, and what was clicked. By the time that this is
// read, the request that the click has caused may have been answered.
func (t *tools) told(payload string) {
	ms, what, _ := strings.Cut(payload, " ")
	if n, err := strconv.ParseInt(ms, 10, 64); err == nil {
		t.proxy.clicked(brief(what), time.UnixMilli(n))
	}
}

// attached prepares a page that has just been made, and lets it go on.
func (t *tools) attached(session, kind string) {
	if kind == "page" || kind == "iframe" {
		_ = t.send(session, "Page.enable", nil)
		_ = t.send(session, "Runtime.enable", nil)
		_ = t.send(session, "Runtime.addBinding", map[string]any{"name": binding})
		_ = t.send(session, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": script})
		_ = t.send(session, "Target.setAutoAttach", map[string]any{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true})
	}
	_ = t.send(session, "Runtime.runIfWaitingForDebugger", nil)
	if kind != "page" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.page == "" {
		t.page = session
		close(t.ready)
	}
}

// show opens an address in the first page.
func (t *tools) show(url string) error {
	_, err := t.ask("Page.navigate", map[string]any{"url": url})
	return err
}

// evaluate runs a line of script in the first page, as a person's doing, and gives its value.
func (t *tools) evaluate(line string) (json.RawMessage, error) {
	b, err := t.ask("Runtime.evaluate", map[string]any{"expression": line, "awaitPromise": true, "returnByValue": true, "userGesture": true})
	if err != nil {
		return nil, err
	}
	var r struct {
		Result struct{ Value json.RawMessage }
	}
	err = json.Unmarshal(b, &r)
	return r.Result.Value, err
}

// ask sends a command to the first page and waits for its result.
func (t *tools) ask(method string, params any) (json.RawMessage, error) {
	select {
	case <-t.ready:
	case <-t.done:
		return nil, fmt.Errorf("the browser was closed")
	case <-time.After(startTime):
		return nil, fmt.Errorf("the browser shows no page")
	}
	answer := make(chan json.RawMessage, 1)
	t.mu.Lock()
	id, err := t.post(t.page, method, params)
	if err == nil {
		t.waiting[id] = answer
	}
	t.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case b := <-answer:
		return b, nil
	case <-t.done:
		return nil, fmt.Errorf("the browser was closed")
	case <-time.After(startTime):
		return nil, fmt.Errorf("the browser did not answer to %s", method)
	}
}

func (t *tools) close() {
	t.stop()
	t.conn.CloseNow()
	<-t.done
}
