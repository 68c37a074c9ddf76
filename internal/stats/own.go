package stats

// Types of the errors that belong to no request.
const (
	StartType = "START" // OnStart of a user type
	TaskType  = "TASK"  // a task, or OnStart of a set
	StopType  = "STOP"  // OnStop
)

// IsOwn reports whether errors of a type are of the test's own code. A test may give its requests such a type too; then there is a row.
func IsOwn(typ string) bool { return typ == StartType || typ == TaskType || typ == StopType }
