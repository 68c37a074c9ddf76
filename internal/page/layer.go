package page

import (
	"strconv"
	"strings"
)

// layerTree is the cascade layers of a document: within each, those that are in it, in the order in which they are first named.
type layerTree struct {
	name   string
	within []*layerTree
	rank   uint64
}

func (t *layerTree) open(path string) *layerTree {
	for path != "" {
		var name string
		name, path, _ = strings.Cut(path, ".")
		t = t.child(name)
	}
	return t
}

func (t *layerTree) child(name string) *layerTree {
	for _, c := range t.within {
		if c.name == name {
			return c
		}
	}
	c := &layerTree{name: name}
	t.within = append(t.within, c)
	return c
}

// number ranks the layers: those within a layer come before what stands in it by itself.
func (t *layerTree) number(next uint64) uint64 {
	for _, c := range t.within {
		next = c.number(next)
	}
	t.rank = next
	return next + 1
}

// rankLayers gives each layer its place among those of all sheets.
func (c *cascader) rankLayers() {
	c.ranks = make([][]uint64, len(c.uses))
	some := false
	for i := range c.uses {
		c.ranks[i] = make([]uint64, len(c.uses[i].layers))
		some = some || len(c.uses[i].layers) > 1 || c.uses[i].layer != ""
	}
	if !some {
		return
	}
	var root layerTree
	places := make([][]*layerTree, len(c.uses))
	for i := range c.uses {
		u := &c.uses[i]
		for _, name := range u.layers {
			path := u.layer
			if name != "" {
				path = joinLayers(path, strings.ReplaceAll(name, "\x00", "\x00"+strconv.Itoa(i)))
			}
			places[i] = append(places[i], root.open(path))
		}
	}
	root.number(1)
	for i, list := range places {
		for l, p := range list {
			if p != &root {
				c.ranks[i][l] = p.rank
			}
		}
	}
}

func joinLayers(outer, inner string) string {
	if outer == "" || inner == "" {
		return outer + inner
	}
	return outer + "." + inner
}
