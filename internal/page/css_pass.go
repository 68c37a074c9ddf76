package page

// pass goes over bytes that are only parts of names, numbers and space. It stands at the beginning of a token before, and after.
func (r *reader) pass() {
	if r.slow {
		return
	}
	s := r.src[r.at:]
	n, word := 0, 0 // word is where the last word begins
	for n < len(s) && plain[s[n]] != 0 {
		if n++; plain[s[n-1]] == between {
			word = n
		}
	}
	if n < len(s) && (s[n] == '(' || s[n] == '\\' || s[n] >= 0x80) {
		n = word // it is part of a token that goes on
	}
	if n > 0 {
		r.in.Move(n)
		r.in.Skip()
		r.at += n
	}
}

const (
	inWord  = 1
	between = 2
)

// plain are the bytes that neither open or close anything, nor begin something that may hold anything.
var plain = func() (t [256]byte) {
	for c := range t {
		if isWordByte(byte(c)) || c == '_' || c == '-' {
			t[c] = inWord
		}
	}
	for _, c := range " \t\n\r\f,:.>~*=%" {
		t[c] = between
	}
	return t
}()
