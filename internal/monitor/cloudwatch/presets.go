package cloudwatch

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// preset is what is asked of one service.
type preset struct {
	form    string
	metrics func(name string, values url.Values) ([]metric, error)
}

// row is one metric of a preset.
type row struct {
	name, unit, metric, stat string
	limit                    float64
	follows, ceiling         bool
}

// turnedAway are the metrics that say by themselves that work was turned away or held up.
func turnedAway(metric string) bool {
	return metric == "RejectedConnectionCount" || metric == "Evictions" || metric == "Deadlocks"
}

func presetForms() []string {
	var out []string
	for _, p := range presets() {
		out = append(out, p.form)
	}
	slices.Sort(out)
	return out
}

// presets are the metrics that AWS documents for each service, those that tell of load and of its limits.
func presets() map[string]preset {
	return map[string]preset{
		"rds":              {"rds/DB-INSTANCE", simple("AWS/RDS", "DBInstanceIdentifier", "", database())},
		"aurora":           {"aurora/CLUSTER", aurora},
		"elasticache":      {"elasticache/NODE[+NODE...]", nodes},
		"alb":              {"alb/app/NAME/ID", simple("AWS/ApplicationELB", "LoadBalancer", "", balancer())},
		"ec2":              {"ec2/GROUP", simple("AWS/EC2", "AutoScalingGroupName", "", machines())},
		"sqs":              {"sqs/QUEUE", simple("AWS/SQS", "QueueName", "", queue())},
		"elasticbeanstalk": {"elasticbeanstalk/ENVIRONMENT", simple("AWS/ElasticBeanstalk", "EnvironmentName", "", beanstalk())},
	}
}

// simple is one thing with one dimension.
func simple(namespace, dimension, prefix string, rows []row) func(string, url.Values) ([]metric, error) {
	return func(name string, _ url.Values) ([]metric, error) {
		return each(namespace, prefix, rows, map[string]string{dimension: name}), nil
	}
}

func each(namespace, prefix string, rows []row, dimensions map[string]string) []metric {
	out := make([]metric, 0, len(rows))
	for _, r := range rows {
		m := one(prefix+r.name, r.unit, namespace, r.metric, r.stat, dimensions)
		m.limit, m.follows, m.ceiling, m.sign = r.limit, r.follows && !turnedAway(r.metric), r.ceiling, turnedAway(r.metric)
		out = append(out, m)
	}
	return out
}

func database() []row {
	return []row{
		{"cpu", "%", "CPUUtilization", "Average", 100, false, true},
		{"connections", "", "DatabaseConnections", "Maximum", 0, true, false},
		{"read_latency", "s", "ReadLatency", "Average", 0, true, false},
		{"write_latency", "s", "WriteLatency", "Average", 0, true, false},
		{"read_iops", "/s", "ReadIOPS", "Average", 0, false, false},
		{"write_iops", "/s", "WriteIOPS", "Average", 0, false, false},
		{"disk_queue", "", "DiskQueueDepth", "Average", 0, true, false},
		{"free_memory", "B", "FreeableMemory", "Minimum", 0, false, false},
		{"burst_balance", "%", "BurstBalance", "Minimum", 0, false, false},
		{"replica_lag", "s", "ReplicaLag", "Maximum", 0, false, false},
	}
}

// aurora is a cluster, its writer and its readers told apart by their role.
func aurora(name string, _ url.Values) ([]metric, error) {
	rows := []row{
		{"cpu", "%", "CPUUtilization", "Average", 100, false, true},
		{"connections", "", "DatabaseConnections", "Sum", 0, true, false},
		{"queries", "/s", "Queries", "Average", 0, false, false},
		{"select_latency", "ms", "SelectLatency", "Average", 0, true, false},
		{"dml_latency", "ms", "DMLLatency", "Average", 0, true, false},
		{"deadlocks", "/s", "Deadlocks", "Average", 0, false, false},
		{"cache_hits", "%", "BufferCacheHitRatio", "Average", 0, false, false},
	}
	var out []metric
	for _, role := range []string{"WRITER", "READER"} {
		out = append(out, each("AWS/RDS", strings.ToLower(role)+".", rows, map[string]string{"DBClusterIdentifier": name, "Role": role})...)
	}
	lag := one("reader.lag", "ms", "AWS/RDS", "AuroraReplicaLagMaximum", "Maximum", map[string]string{"DBClusterIdentifier": name})
	return append(out, lag), nil
}

// nodes are those of an ElastiCache cluster, each by itself: a hot key makes one node the limit while the mean looks well.
func nodes(name string, _ url.Values) ([]metric, error) {
	rows := []row{
		{"engine_cpu", "%", "EngineCPUUtilization", "Average", 100, false, true},
		{"cpu", "%", "CPUUtilization", "Average", 100, false, true},
		{"memory", "%", "DatabaseMemoryUsagePercentage", "Average", 100, false, true},
		{"connections", "", "CurrConnections", "Maximum", 65000, true, true},
		{"evictions", "", "Evictions", "Sum", 0, false, false},
		{"hits", "", "CacheHits", "Sum", 0, false, false},
		{"misses", "", "CacheMisses", "Sum", 0, false, false},
	}
	var out []metric
	list := strings.Split(name, "+")
	for _, node := range list {
		if node == "" {
			return nil, fmt.Errorf("cloudwatch: elasticache/%s: write the ids of the nodes, joined by +: shop-001+shop-002", name)
		}
		prefix := ""
		if len(list) > 1 {
			prefix = node + "."
		}
		out = append(out, each("AWS/ElastiCache", prefix, rows, map[string]string{"CacheClusterId": node})...)
	}
	return out, nil
}

func balancer() []row {
	return []row{
		{"requests", "", "RequestCount", "Sum", 0, false, false},
		{"response_p95", "s", "TargetResponseTime", "p95", 0, true, false},
		{"target_5xx", "", "HTTPCode_Target_5XX_Count", "Sum", 0, true, false},
		{"own_5xx", "", "HTTPCode_ELB_5XX_Count", "Sum", 0, true, false},
		{"connections", "", "ActiveConnectionCount", "Sum", 0, true, false},
		{"rejected", "", "RejectedConnectionCount", "Sum", 0, true, false},
		{"connect_errors", "", "TargetConnectionErrorCount", "Sum", 0, true, false},
		{"capacity_units", "", "ConsumedLCUs", "Average", 0, false, false},
	}
}

func machines() []row {
	return []row{
		{"cpu", "%", "CPUUtilization", "Average", 100, false, true},
		{"cpu_highest", "%", "CPUUtilization", "Maximum", 100, false, true},
		{"network_in", "B", "NetworkIn", "Average", 0, false, false},
		{"network_out", "B", "NetworkOut", "Average", 0, false, false},
		{"credits", "", "CPUCreditBalance", "Minimum", 0, false, false},
	}
}

func queue() []row {
	return []row{
		{"visible", "", "ApproximateNumberOfMessagesVisible", "Maximum", 0, true, false},
		{"oldest", "s", "ApproximateAgeOfOldestMessage", "Maximum", 0, true, false},
		{"in_flight", "", "ApproximateNumberOfMessagesNotVisible", "Maximum", 120000, true, true},
		{"sent", "", "NumberOfMessagesSent", "Sum", 0, false, false},
		{"deleted", "", "NumberOfMessagesDeleted", "Sum", 0, false, false},
	}
}

// beanstalk is what enhanced health publishes.
func beanstalk() []row {
	return []row{
		{"health", "", "EnvironmentHealth", "Maximum", 0, false, false},
		{"requests", "", "ApplicationRequestsTotal", "Sum", 0, false, false},
		{"latency_p95", "s", "ApplicationLatencyP95", "Average", 0, true, false},
		{"5xx", "", "ApplicationRequests5xx", "Sum", 0, true, false},
		{"instances_severe", "", "InstancesSevere", "Maximum", 0, false, false},
	}
}
