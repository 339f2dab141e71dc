/// Reads the load balancer's rules: which paths lead to which function.
struct ListenerReader {
    let resources: [String: JSONValue]
    let names: LocalNames
    let resolver: IntrinsicResolver

    /// The rules in order of priority; a listener's default action comes last.
    func routes() throws(TemplateError) -> [LoadBalancerRoute] {
        var rules: [(priority: Int, route: LoadBalancerRoute)] = []
        for (id, resource) in resources.sorted(by: { $0.key < $1.key }) {
            let path = "Resources.\(id).Properties"
            let properties = resource["Properties"]
            switch resource["Type"]?.stringValue {
            case "AWS::ElasticLoadBalancingV2::ListenerRule":
                let patterns = try pathPatterns(properties?["Conditions"], "\(path).Conditions")
                let priority = properties?["Priority"]?.lenientInteger ?? Int.max - 1
                rules.append((priority, try route(patterns, properties?["Actions"], "\(path).Actions")))
            case "AWS::ElasticLoadBalancingV2::Listener":
                let actions = properties?["DefaultActions"]
                rules.append((Int.max, try route([], actions, "\(path).DefaultActions")))
            default: continue
            }
        }
        return rules.sorted { $0.priority < $1.priority }.map(\.route)
    }

    /// The patterns of a rule's only condition; every other condition would be lost, and the rule match too much.
    private func pathPatterns(_ conditions: JSONValue?, _ path: String) throws(TemplateError) -> [String] {
        let list = try resolver.resolve(conditions ?? [], path: path).arrayValue ?? []
        guard list.count == 1, let condition = list.first?.objectValue else {
            throw TemplateError(path: path, reason: "a rule has exactly one condition here, on the path")
        }
        let place = "\(path)[0]"
        let field = condition["Field"]?.stringValue ?? ""
        guard field == "path-pattern" else {
            throw TemplateError(path: "\(place).Field", reason: "\"\(field)\" is not supported here, only path-pattern")
        }
        for key in condition.keys.sorted() where !["Field", "Values", "PathPatternConfig"].contains(key) {
            throw TemplateError(path: "\(place).\(key)", reason: "is not supported by the local emulator")
        }
        let values = condition["PathPatternConfig"]?["Values"] ?? condition["Values"]
        let patterns = values?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !patterns.isEmpty, patterns.count == values?.arrayValue?.count else {
            throw TemplateError(path: place, reason: "holds no list of path patterns")
        }
        return patterns
    }

    private func route(_ patterns: [String], _ actions: JSONValue?, _ path: String) throws(TemplateError)
        -> LoadBalancerRoute
    {
        guard let list = actions?.arrayValue, list.count == 1,
            let group = list[0]["TargetGroupArn"]?["Ref"]?.stringValue, let target = resources[group],
            let function = target["Properties"]?["Targets"]?[0]?["Id"]?["Fn::GetAtt"]?[0]?.stringValue,
            let resource = resources[function]
        else { throw TemplateError(path: path, reason: "does not lead to a target group with one function") }
        let attributes = target["Properties"]?["TargetGroupAttributes"]?.arrayValue ?? []
        return LoadBalancerRoute(
            pathPatterns: patterns, function: names.physicalName(function, resource),
            targetGroupARN: names.arn(group, target),
            multiValueHeaders: attributes.contains {
                $0["Key"] == "lambda.multi_value_headers.enabled" && $0["Value"]?.lenientText == "true"
            })
    }
}
