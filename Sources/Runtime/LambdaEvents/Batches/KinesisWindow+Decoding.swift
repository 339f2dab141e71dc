import Wire

/// The members of an event that tell its window, while they are found.
struct WindowMembers {
    private var seen = FieldSet<Member>()
    private var start: JSONString?
    private var end: JSONString?
    private var state: Range<Int>?
    private var shardID: JSONString?
    private var eventSourceARN: JSONString?
    private var isFinalInvocation = false
    private var isTerminatedEarly = false

    private enum Member: Int {
        case window, state, shardID, eventSourceARN, isFinalInvocation, isTerminatedEarly

        var name: StaticString {
            switch self {
            case .window: "window"
            case .state: "state"
            case .shardID: "shardId"
            case .eventSourceARN: "eventSourceARN"
            case .isFinalInvocation: "isFinalInvokeForWindow"
            case .isTerminatedEarly: "isWindowTerminatedEarly"
            }
        }

        init?(key: UnsafeRawBufferPointer) {
            switch key.count {
            case 5 where key.isEqual(to: "state"): self = .state
            case 6 where key.isEqual(to: "window"): self = .window
            case 7 where key.isEqual(to: "shardId"): self = .shardID
            case 14 where key.isEqual(to: "eventSourceARN"): self = .eventSourceARN
            case 22 where key.isEqual(to: "isFinalInvokeForWindow"): self = .isFinalInvocation
            case 23 where key.isEqual(to: "isWindowTerminatedEarly"): self = .isTerminatedEarly
            default: return nil
            }
        }
    }

    /// Reads a member of the event, if it is one of these.
    mutating func read(
        _ key: JSONString, _ scanner: inout JSONScanner, _ place: inout BatchPlace
    ) throws(JSONError) -> Bool {
        guard let member = scanner.withText(of: key, Member.init(key:)), seen.insert(member) else { return false }
        place.section = member.name
        switch member {
        case .window: try readBounds(&scanner, &place)
        case .state: state = try scanner.optionalValue()
        case .shardID: shardID = try scanner.optionalString()
        case .eventSourceARN: eventSourceARN = try scanner.optionalString()
        case .isFinalInvocation: isFinalInvocation = try scanner.optionalBoolean()
        case .isTerminatedEarly: isTerminatedEarly = try scanner.optionalBoolean()
        }
        return true
    }

    private mutating func readBounds(_ scanner: inout JSONScanner, _ place: inout BatchPlace) throws(JSONError) {
        if try scanner.skipNull() { return }
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if start == nil, scanner.withText(of: key, { $0.isEqual(to: "start") }) {
                place.section = "window.start"
                start = try scanner.string()
            } else if end == nil, scanner.withText(of: key, { $0.isEqual(to: "end") }) {
                place.section = "window.end"
                end = try scanner.string()
            } else {
                try scanner.skipValue()
            }
        }
        guard start != nil, end != nil else {
            place.section = start == nil ? "window.start" : "window.end"
            throw JSONError(.isMissing, at: scanner.position)
        }
    }

    /// The window, if the document has one.
    func window(in document: Bytes) -> KinesisEvent.Window? {
        guard let start, let end else { return nil }
        return KinesisEvent.Window(
            start: start.text(in: document), end: end.text(in: document),
            state: state.map(document.part) ?? KinesisEvent.Window.noState,
            shardID: shardID?.text(in: document) ?? "", eventSourceARN: eventSourceARN?.text(in: document) ?? "",
            isFinalInvocation: isFinalInvocation, isTerminatedEarly: isTerminatedEarly)
    }
}

extension JSONScanner {
    /// Where the value that comes next is, unless it is `null`.
    mutating func optionalValue() throws(JSONError) -> Range<Int>? {
        if try skipNull() { return nil }
        let start = position
        try skipValue()
        return start..<position
    }

    /// The truth value that comes next; `null` is false.
    fileprivate mutating func optionalBoolean() throws(JSONError) -> Bool {
        try skipNull() ? false : try boolean()
    }
}
