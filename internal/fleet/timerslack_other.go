//go:build unix && !linux

package fleet

// slackTimers has nothing to change here.
func slackTimers() (restore func()) { return func() {} }
