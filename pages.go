package stampede

import (
	"slices"
	"time"
)

// pageVisitor is a visitor of Pages.
type pageVisitor struct{ HTTPUser }

// Pages is the simplest user type: visitors who open these URLs, each as often as the others, and wait 1 to 5 s in between. Write a struct
// of your own as soon as they should do more. They ask for the documents alone; [UserType.WithParts] lets them load each page as a browser
// does.
func Pages(urls ...string) UserType {
	spec := Spec[pageVisitor]{Name: "Visitor", Wait: Between(time.Second, 5*time.Second)}
	for _, url := range urls {
		spec.Tasks = append(spec.Tasks, Task[pageVisitor]{Name: nameOf(url), Ask: []Ask{{URL: url}}})
	}
	t := Users(spec)
	t.t.visitors = true
	return t
}

// WithParts makes the visitors of Pages load each page with its parts, as HTTPUser.Page does, with these options. For any other user type the
// options are those of Spec.Pages, on top of which they come.
func (t UserType) WithParts(opts ...Option) UserType {
	if t.t == nil {
		return t
	}
	c := *t.t
	c.whole = true
	c.pages = append(slices.Clone(c.pages), opts...)
	return UserType{&c}
}
