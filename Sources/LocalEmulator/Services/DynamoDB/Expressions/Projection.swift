/// The parts of items that a request asks for.
enum Projection {
    /// Only what the paths name, in the structure it has: `a.b` of `{a: {b, c}}` is `{a: {b}}`. Elements of a list
    /// close up, in their order.
    static func cut(_ item: DynamoDBItem, to paths: [DocumentPath]) -> DynamoDBItem {
        var result: DynamoDBItem = [:]
        for (attribute, group) in Dictionary(grouping: paths, by: \.attribute) {
            guard let value = item[attribute] else { continue }
            result[attribute] = cut(value, to: group.map { $0.steps[...] })
        }
        return result
    }

    private static func cut(_ value: DynamoDBValue, to paths: [ArraySlice<DocumentPath.Step>]) -> DynamoDBValue? {
        if paths.contains(where: \.isEmpty) { return value }
        let groups = Dictionary(grouping: paths) { $0.first }
        switch value {
        case .map(let members):
            var kept: [String: DynamoDBValue] = [:]
            for case (.member(let name)?, let group) in groups {
                kept[name] = members[name].flatMap { cut($0, to: group.map { $0.dropFirst() }) }
            }
            return kept.isEmpty ? nil : .map(kept)
        case .list(let elements):
            var kept: [(index: Int, value: DynamoDBValue)] = []
            for case (.element(let index)?, let group) in groups where elements.indices.contains(index) {
                if let part = cut(elements[index], to: group.map { $0.dropFirst() }) { kept.append((index, part)) }
            }
            return kept.isEmpty ? nil : .list(kept.sorted { $0.index < $1.index }.map(\.value))
        default: return nil
        }
    }
}
