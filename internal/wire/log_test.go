package wire

import (
	"io"
	"log"
)

// quietLog takes what servers complain about when clients leave them, which here they do on purpose.
var quietLog = log.New(io.Discard, "", 0)
