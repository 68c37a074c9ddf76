package stampede

import (
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
)

// advise adds to the failure of a refused log-in what the site asked for, where that can be told from the answer.
func (r *run) advise(f *fault.Error, resp *Response) {
	if f.Kind != fault.Status || f.Hint != "" {
		return
	}
	switch f.Status {
	case 401:
		schemes := resp.wire.Schemes()
		switch {
		case slices.Contains(schemes, "digest"):
			f.Hint = "the site asks for Digest: stampede.Digest(user, password)"
		case slices.Contains(schemes, "ntlm"), slices.Contains(schemes, "negotiate"):
			f.Hint = "the site asks for " + strings.Join(schemes, " or ") + ", which stampede cannot do: let it offer Basic or Digest to the load"
		}
	case 407:
		f.Hint = resp.wire.ProxyLogin()
	case 403:
		if len(r.plan.HTTP.Certificates) > 0 && resp.wire.TLS13() {
			f.Hint = "a client certificate that a site asks for after the handshake cannot be given over TLS 1.3: let it ask at once, or use TLS 1.2 there"
		}
	}
}
