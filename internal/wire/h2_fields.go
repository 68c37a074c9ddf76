package wire

// headReader understands the fields of a header block as they are decompressed.
type headReader struct {
	head  h2head
	size  int // as SETTINGS_MAX_HEADER_LIST_SIZE counts
	limit int
	plain bool // a field that is none of HTTP/2's own came
}

func (r *headReader) begin(limit int) {
	text := r.head.text[:0]
	if cap(text) > smallBuffer {
		text = nil
	}
	*r = headReader{head: h2head{text: text, length: -1}, limit: limit}
}

// Field is called by the decoder.
func (r *headReader) Field(name, value []byte) {
	h := &r.head
	if r.size += len(name) + len(value) + 32; r.size > r.limit {
		h.tooLarge = true
	}
	if h.tooLarge || h.wrong != "" {
		return
	}
	if len(name) > 0 && name[0] == ':' {
		r.pseudo(name, value)
		return
	}
	r.plain = true
	if !validName(name) {
		h.wrong = "a header name holds characters that no header name can have"
		return
	}
	if !validField(value) {
		h.wrong = "a header value holds control characters"
		return
	}
	r.meaning(name, value)
	h.text = append(h.text, name...)
	h.text = append(h.text, ": "...)
	h.text = append(h.text, value...)
	h.text = append(h.text, '\r', '\n')
}

// pseudo takes a field of HTTP/2's own: the status, once, and before all others.
func (r *headReader) pseudo(name, value []byte) {
	h := &r.head
	switch {
	case string(name) != ":status":
		h.wrong = "a pseudo header field that answers do not have"
	case r.plain || h.status != 0:
		h.wrong = "the status comes twice, or in the wrong place"
	case len(value) != 3 || value[0]-'1' > 8 || value[1]-'0' > 9 || value[2]-'0' > 9:
		h.wrong = "the status is not a number of three digits"
	default:
		h.status = int(value[0]-'0')*100 + int(value[1]-'0')*10 + int(value[2]-'0')
	}
}

// meaning notes what the engine itself must know of a field.
func (r *headReader) meaning(name, value []byte) {
	h := &r.head
	switch string(name) {
	case "set-cookie":
		h.cookies = true
	case "content-encoding":
		h.encoded = true
	case "location":
		h.hop = true
	case "content-length":
		a := answer{framing: framing{length: h.length}}
		if a.contentLength(trim(value)) != nil {
			h.wrong = "the Content-Length is no number, or comes twice"
		}
		h.length = a.length
	case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade":
		h.wrong = "a header field that HTTP/2 forbids"
	}
}

// validName reports whether a field may have that name: a token without upper case (RFC 9113, 8.2.1).
func validName(name []byte) bool {
	for _, c := range name {
		if charClass[c]&isToken == 0 || c-'A' < 26 {
			return false
		}
	}
	return len(name) > 0
}

// validField reports whether a value can stand in a line of its own. Blanks around it are taken, as browsers do.
func validField(value []byte) bool {
	for _, c := range value {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
