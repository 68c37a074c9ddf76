package cli

import (
	"context"
	"os"
	"reflect"
	"testing"
)

// Whoever takes over hears of what was pressed before, and of what comes after.
func TestInterruptsAreHandedOver(t *testing.T) {
	signals := make(chan os.Signal)
	ctx, i := watchInterrupts(context.Background(), signals)
	signals <- os.Interrupt
	<-ctx.Done() // nobody was responsible: the command is given up
	var heard []int
	i.handle(func(count int) { heard = append(heard, count) })
	i.press()
	i.press()
	i.close()
	if want := []int{1, 2, 3}; !reflect.DeepEqual(heard, want) || i.count() != 3 {
		t.Errorf("heard %v, counted %d", heard, i.count())
	}
}

func TestInterruptsClose(t *testing.T) {
	ctx, i := watchInterrupts(context.Background(), nil)
	i.handle(func(int) { t.Error("nothing was pressed") })
	i.close()
	if ctx.Err() == nil {
		t.Error("the context outlives its command")
	}
}
