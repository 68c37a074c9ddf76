package deploytest

import (
	"fmt"
	"strings"
)

// prices are those of an instance, or of Fargate.
func (c *Cloud) prices(a *asked) (any, *refusal) {
	entry := func(usage, usd string) string {
		return `{"product":{"attributes":{"usagetype":"` + usage + `"}},"terms":{"OnDemand":{"A":{"priceDimensions":{"B":{"unit":"Hrs","pricePerUnit":{"USD":"` + usd + `"}}}}}}}`
	}
	if a.text("ServiceCode") != "AmazonECS" {
		return map[string]any{"PriceList": []string{entry("BoxUsage:c7g.large", "0.0725")}}, nil
	}
	if a.text("NextToken") == "" {
		return map[string]any{"NextToken": "more", "PriceList": []string{
			entry("USE1-Fargate-EphemeralStorage-GB-Hours", "0.000111"), entry("USE1-Fargate-Windows-vCPU-Hours:perCPU", "0.09148"), entry("USE1-Fargate-vCPU-Hours:perCPU", "0.04048"),
			entry("USE1-Fargate-ARM-GB-Hours", "0.00356"),
		}}, nil
	}
	return map[string]any{"PriceList": []string{entry("USE1-Fargate-ARM-vCPU-Hours:perCPU", "0.03238"), entry("USE1-Fargate-GB-Hours", "0.004445")}}, nil
}

func (c *Cloud) types(a *asked) (any, *refusal) {
	var b strings.Builder
	wanted, _ := a.in["InstanceTypes"].([]any)
	for _, t := range wanted {
		name := fmt.Sprint(t)
		arch := "arm64"
		if !strings.Contains(strings.SplitN(name, ".", 2)[0], "g") {
			arch = "x86_64"
		}
		if strings.HasPrefix(name, "a1.") {
			return no("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name)
		}
		fmt.Fprintf(&b, "<item><instanceType>%s</instanceType><vCpuInfo><defaultVCpus>2</defaultVCpus></vCpuInfo><processorInfo><supportedArchitectures><item>%s</item></supportedArchitectures></processorInfo>"+
			"<networkInfo><networkPerformance>Up to 12.5 Gigabit</networkPerformance></networkInfo></item>", name, arch)
	}
	return raw("<instanceTypeSet>" + b.String() + "</instanceTypeSet>"), nil
}
