package stampede

// This file is the face of a run in progress:
//
//	func Run(ctx context.Context, plan Plan) (*Report, error)       Start and Wait
//	func Start(ctx context.Context, plan Plan) (*Running, error)    configuration errors are collected: errors.Join of all of them
//	func Check(ctx context.Context, plan Plan, w io.Writer) error   each task of each user type once, printed
//
//	(*Running) Wait() (*Report, error)
//	(*Running) Stop(reason string)            stop starting, let tasks end, then cancel; returns at once
//	(*Running) Cancel(reason string)          the same without waiting for tasks
//	(*Running) SetUsers(n int, spawnRate float64) error     closed model; 0 means at once
//	(*Running) SetRate(perSecond float64) error             open model
//	(*Running) Pause() / Resume()
//	(*Running) Live() Live                    what a dashboard shows; cheap enough for 10 a second
//	(*Running) Done() <-chan struct{}
//
// ctx cancelled means Stop("interrupted").
