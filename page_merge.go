package stampede

import (
	"cmp"
	"maps"
	"slices"
)

// maxSentSpans bounds what a worker sends of its pictures: a message of some 500 KB at most.
const maxSentSpans = 3000

// few is the pictures of the slowest pages, with no more than so many spans.
func (p *pictures) few(spans int) []PagePicture {
	all := p.list()
	slices.SortStableFunc(all, func(x, y PagePicture) int { return cmp.Compare(y.Time, x.Time) })
	var out []PagePicture
	for _, pic := range all {
		if spans -= len(pic.Spans); spans < 0 {
			break
		}
		out = append(out, pic)
	}
	return out
}

// merge takes the pictures of workers: of the slowest loads the slowest counts, and their medians are a sample of which the middle one is shown.
func (p *pictures) merge(list []PagePicture) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pic := range list {
		a := p.pages[pic.Page]
		if a == nil {
			if len(p.pages) >= maxPictures {
				continue
			}
			if p.pages == nil {
				p.pages = map[string]*pageAlbum{}
			}
			a = &pageAlbum{rest: uint64(len(pic.Page)) + 1}
			p.pages[pic.Page] = a
		}
		if pic.Which == "slowest" && (a.slowest.Page == "" || pic.Time > a.slowest.Time) {
			a.slowest = pic
		}
		if pic.Which == "median" && len(a.sample) < sampled {
			a.sample = append(a.sample, pic)
		}
	}
}

// all is what was left out, for whoever merges it.
func (f *foreignHosts) all() map[string]map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pages) == 0 {
		return nil
	}
	out := make(map[string]map[string]int, len(f.pages))
	for name, hosts := range f.pages {
		out[name] = maps.Clone(hosts)
	}
	return out
}
