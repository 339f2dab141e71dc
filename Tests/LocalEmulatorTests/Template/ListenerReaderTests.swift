import Foundation
import LocalEmulator
import Testing

@Suite("Load balancer rules in templates") struct ListenerReaderTests {
    private func routes(_ conditions: JSONValue) throws -> [LoadBalancerRoute] {
        let action: JSONValue = [["Type": "forward", "TargetGroupArn": ["Ref": "G"]]]
        let document: JSONValue = [
            "Resources": [
                "F": ["Type": "AWS::Serverless::Function", "Properties": ["Runtime": "provided.al2023"]],
                "G": [
                    "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
                    "Properties": ["TargetType": "lambda", "Targets": [["Id": ["Fn::GetAtt": ["F", "Arn"]]]]],
                ],
                "R": [
                    "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
                    "Properties": ["Priority": 1, "Conditions": conditions, "Actions": action],
                ],
            ]
        ]
        let names = LocalNames(account: LocalNames.defaultAccount, endpoint: "http://127.0.0.1:4566")
        return try TemplateReader(document.serialized(), parameters: [:], names: names).model().routes
    }

    @Test(
        "the path patterns of the only condition",
        arguments: [
            [["Field": "path-pattern", "Values": ["/a/*", "/b"]]],
            [["Field": "path-pattern", "PathPatternConfig": ["Values": ["/a/*", "/b"]]]],
        ] as [JSONValue])
    func patterns(conditions: JSONValue) throws {
        #expect(try routes(conditions).map(\.pathPatterns) == [["/a/*", "/b"]])
    }

    private static let path: JSONValue = ["Field": "path-pattern", "Values": ["/a"]]

    @Test(
        "a condition that would be lost is refused, and named: the rule would match too much",
        arguments: [
            ([["Field": "host-header", "HostHeaderConfig": ["Values": ["a.example"]]]], "[0].Field"),
            ([["Field": "host-header", "Values": ["a.example"]]], "[0].Field"),
            ([["Field": "http-header", "HttpHeaderConfig": ["HttpHeaderName": "X", "Values": ["1"]]]], "[0].Field"),
            ([path, ["Field": "http-request-method", "HttpRequestMethodConfig": ["Values": ["GET"]]]], ""),
            ([path, path], ""), ([], ""), (nil, ""),
            ([["Field": "path-pattern", "RegexValues": ["^/a"]]], "[0].RegexValues"),
            ([["Field": "path-pattern", "Values": []]], "[0]"),
            ([["Field": "path-pattern", "Values": ["/a", 1]]], "[0]"),
        ] as [(JSONValue, String)])
    func refused(conditions: JSONValue, place: String) {
        let error = #expect(throws: TemplateError.self) { try routes(conditions) }
        #expect(error?.path == "Resources.R.Properties.Conditions\(place)")
    }
}
