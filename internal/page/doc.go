// Package page knows what a browser would load: the parts of a page, in their order, with the header fields, the cache and the connections
// that Chromium uses for them. It works on bytes and header fields alone: it has no network and no clock, runs no script, and lays
// nothing out but documents with lazy parts, roughly.
//
// # Flow
//
// A [Visitor] is one browser with its cache. [Visitor.Begin] starts a [Load]; its owner sends what [Load.Next] gives, as many at once as that
// gives, and hands each answer to [Load.Done], until [Load.Over]:
//
//	Begin -> lookup (cache, locks) -> Next -> (the owner sends) -> Done -> keep -> took -> lookup of what it needs …
//
// A document becomes a tree (parse, repair), the tree in its context a plan (plan, plan_link, plan_media): what is asked for at once. A sheet
// becomes rules (css). When no sheet is missing any more the cascade (cascade, match, draw, fonts) finds the images and fonts that are seen.
// For what is lazy it also finds how each element is laid out (place, look), and the layout (layout and its kin) where it stands (screen).
//
// # Memory
//
// Trees, plans, sheets and what the cascade made are shared by all visitors of a [Memory] and never change; they are found again by the hash
// of their bytes. A document that differs from the last one of its address only in texts, scripts and the values of attributes that ask for
// nothing (a nonce, a token, a name) is found equal by a comparison (hole). A visitor keeps 16 bytes for each answer: bodies are not kept.
package page
