//go:build !linux

package vitals

func coreTimes() []coreTime { return nil }
func throttled() int64      { return -1 }
func asleep() int64         { return -1 }
func residentBytes() int64  { return 0 }
func machineFacts() []Fact  { return nil }
