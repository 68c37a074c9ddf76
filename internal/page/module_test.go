package page

import (
	"slices"
	"testing"
)

// moduleTexts are scripts and what they import, in order; "!" stands for a script that is no module, of which nothing counts.
var moduleTexts = map[string][]string{
	`import "a"; import 'b';import"c"`:                                              {"a", "b", "c"},
	`import a from "a"; import {b as c, default as d} from"b";import*as e from 'c'`: {"a", "b", "c"},
	`import a, {b} from "a"; import f, * as g from "b"`:                             {"a", "b"},
	`import {} from "a"; import {"x y" as z,} from "b"`:                             {"a", "b"},
	`import from from "a"; import {from} from "b"; import with from "c"`:            {"a", "b", "c"},
	"import from 'a'": {"!"},
	"import a 'a'":    {"!"},
	`import j from "a" with {type: "json"}; import "b" with {}`:                                       {"a", "b"},
	`import j from "a" with {kind: "json"}`:                                                           {"!"},
	`import j from "a" with {type: "wasm"}`:                                                           {"!"},
	`export * from "a"; export * as n from 'b'; export {x as y} from "c"; export {default} from "d"`:  {"a", "b", "c", "d"},
	`export * as "a b" from "a"; export * as from from "b"`:                                           {"a", "b"},
	`export {x}; export default class {} export const from = "no"; "no"`:                              nil,
	`export {x} /* y */ from /* z */ "a"`:                                                             {"a"},
	`import("no"); import.meta.url; o.import("no"); o.export; ({import: 1}); class A { import() {} }`: nil,
	"// import 'no'\n/* import 'no' */ `import 'no' ${'import \"no\"'} ${`}`}`; import 'a'":           {"a"},
	`var r = /import 'no'["'/]/g; if (x) /"/.test(y); import "a"`:                                     {"a"},
	`a = b / c / "import"; d = (e) / f; g[0] / h; i++ / j; import "a"`:                                {"a"},
	`x = {} / 2; function f() {} /'/.test(x); import "a"`:                                             {"a"},
	"return_ = a\n/b/g; import 'a'":                                                                   {"a"},
	"const f = () => {}\n/\"/.test(x)\nimport 'a'":                                                    {"a"},
	`1/2; .5/2; 0xe+1/2; 1e+3/2; 1n/2; import "a"`:                                                    {"a"},
	"#!/usr/bin/env import 'no'\nimport 'a'":                                                          {"a"},
	`import "\u0061\x62\u{63}\n\'"`:                                                                   {"abc\n'"},
	"import 'a\\\nb'":                                                                                 {"ab"},
	`import "\1"`:                                                                                     {"!"},
	"import 'a\nb'":                                                                                   {"!"},
	"import 'a'; (":                                                                                   {"!"},
	"import 'a'; }":                                                                                   {"!"},
	"import 'a'; `":                                                                                   {"!"},
	"import 'a'; /* ":                                                                                 {"!"},
	"import 'a'; import 'a'; export * from 'a'":                                                       {"a"},
	"if (a) { import_('no') } $import 'a'":                                                            nil,
	"\u00a0import\ufeff'a'\u2028import'b'":                                                            {"a", "b"},
	"a\n++\n/b/\nimport 'a'":                                                                          {"a"},
	"yield_ => /'/; import 'a'":                                                                       {"a"},
	"o = {a: /'/, b: x / y, c() { return /\"/ }}; import 'a'":                                         {"a"},
	"async function* f() { yield /'/; await /'/ } import 'a'":                                         {"a"},
}

func TestImportsIn(t *testing.T) {
	for text, want := range moduleTexts {
		if len(want) == 1 && want[0] == "!" {
			want = nil
		}
		var got []string
		for _, one := range importsIn(text) {
			got = append(got, one.name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\nimports %q, want %q", text, got, want)
		}
	}
}

func TestImportKinds(t *testing.T) {
	got := importsIn(`import a from "a" with {type: "json"}; import b from "a" with { "type": 'css', }; import "a"`)
	want := []imported{{"a", jsonModule}, {"a", styleModule}, {"a", scriptModule}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What is known of a module by a preload or a prefetch counts when it is used.
func TestModuleFetchedAhead(t *testing.T) {
	files := map[string]string{"/m.js": "text/javascript\nimport './n.js'", "/n.js": "text/javascript\n"}
	for html, want := range map[string]string{
		"<!doctype html><link rel=preload as=script crossorigin href=/m.js>":                                                    "script /m.js",
		"<!doctype html><link rel=modulepreload href=/m.js>":                                                                    "script /m.js",
		"<!doctype html><link rel=preload as=script crossorigin href=/m.js><script type=module src=/m.js></script>":             "script /m.js, script /n.js",
		"<!doctype html><link rel=modulepreload href=/m.js><script type=module src=/m.js></script>":                             "script /m.js, script /n.js",
		"<!doctype html><script type=module>import '/m.js'</script><link rel=modulepreload href=/m.js>":                         "script /m.js, script /n.js",
		"<!doctype html><script type=module>import 'm'</script><script type=importmap>{\"imports\":{\"m\":\"/m.js\"}}</script>": "",
		"<!doctype html><script type=importmap>{\"imports\":{\"m\":\"/m.js\"}}</script><script type=module>import 'm'</script>": "script /m.js, script /n.js",
		"<!doctype html><script type=module>import '/m.js'; (</script>":                                                         "",
		"<!doctype html><script>import('/m.js')</script>":                                                                       "",
	} {
		if got := asks(html, files, Settings{}); got != want {
			t.Errorf("%s\nasks for %q, want %q", html, got, want)
		}
	}
}

// A page whose inline module differs from the one before asks for what its own says.
func TestModuleInlineCounts(t *testing.T) {
	m, ctx := NewMemory(), blogContext()
	for _, name := range []string{"a", "b"} {
		p := planned(m, []byte("<!doctype html><script type=module>import '/"+name+".js'</script><p>x"), ctx)
		if len(p.items) != 1 || p.items[0].url.url != "http://a.example/"+name+".js" {
			t.Errorf("%s: asks for %+v", name, p.items)
		}
	}
}
