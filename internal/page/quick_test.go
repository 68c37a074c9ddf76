package page

import "testing"

// Of what was seen before nothing is left to be read: the second visitor's sheet is quick, the first one's and a new one are not.
func TestQuick(t *testing.T) {
	m := NewMemory()
	doc, css := []byte("<!doctype html><link rel=stylesheet href=/a.css><img src=/a.png><p>words"), []byte("p{background:url(/b.png)}")
	visit := func(sheet []byte) (quick bool) {
		var l Load
		l.Now = func() int64 { return 1 }
		if !NewVisitor(m).Begin(&l, "http://a.example/", Settings{}, Limits{}, Navigation{}) {
			t.Fatal("the page cannot be loaded")
		}
		for r := l.Next(); r != nil; r = l.Next() {
			a := Answer{Status: 200, Header: &Header{ContentType: "image/png", CacheControl: "no-store"}}
			switch r.Kind() {
			case Document:
				if l.Quick(r, doc) {
					t.Error("a document is quick")
				}
				a.Header.ContentType, a.Body = "text/html", doc
			case Style:
				quick = l.Quick(r, sheet)
				a.Header.ContentType, a.Body = "text/css", sheet
			default:
				if !l.Quick(r, nil) {
					t.Errorf("%v is not quick", r.Kind())
				}
			}
			l.Done(r, &a)
		}
		if !l.Over() || l.Counts.Requests != 4 {
			t.Fatalf("%+v", l.Counts)
		}
		return quick
	}
	if visit(css) || !visit(css) || visit([]byte("p{background:url(/c.png)}")) {
		t.Error("a sheet that was read before is quick, and no other")
	}
}
