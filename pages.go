package stampede

import (
	"context"
	"time"
)

// pageVisitor is a visitor of Pages.
type pageVisitor struct{ HTTPUser }

// Pages is the simplest user type: visitors who open these URLs, each as often as the others, and wait 1 to 5 s in between. Write a struct
// of your own as soon as they should do more.
func Pages(urls ...string) UserType {
	spec := Spec[pageVisitor]{Name: "Visitor", Wait: Between(time.Second, 5*time.Second)}
	for _, url := range urls {
		spec.Tasks = append(spec.Tasks, Task[pageVisitor]{Name: nameOf(url), Do: func(v *pageVisitor, ctx context.Context) error {
			_, err := v.Get(ctx, url)
			return err
		}})
	}
	return Users(spec)
}
