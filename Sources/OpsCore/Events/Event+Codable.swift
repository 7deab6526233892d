/// On the wire an event is one flat object: `{"event":"stepFinished","outcome":"ok",...}`.
extension Event: Codable {
    private enum Key: String, CodingKey { case event }

    private enum Name: String, Codable {
        case runStarted, playStarted, hostConnected, stepStarted, stepProgress, stepFinished, notice, runFinished
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        let (name, body): (Name, any Encodable) =
            switch self {
            case .runStarted(let body): (.runStarted, body)
            case .playStarted(let body): (.playStarted, body)
            case .hostConnected(let body): (.hostConnected, body)
            case .stepStarted(let body): (.stepStarted, body)
            case .stepProgress(let body): (.stepProgress, body)
            case .stepFinished(let body): (.stepFinished, body)
            case .notice(let body): (.notice, body)
            case .runFinished(let body): (.runFinished, body)
            }
        try container.encode(name, forKey: .event)
        try body.encode(to: encoder)
    }

    public init(from decoder: any Decoder) throws {
        let name = try decoder.container(keyedBy: Key.self).decode(Name.self, forKey: .event)
        switch name {
        case .runStarted: self = .runStarted(try RunStarted(from: decoder))
        case .playStarted: self = .playStarted(try PlayStarted(from: decoder))
        case .hostConnected: self = .hostConnected(try HostConnected(from: decoder))
        case .stepStarted: self = .stepStarted(try StepRef(from: decoder))
        case .stepProgress: self = .stepProgress(try StepProgress(from: decoder))
        case .stepFinished: self = .stepFinished(try StepFinished(from: decoder))
        case .notice: self = .notice(try Notice(from: decoder))
        case .runFinished: self = .runFinished(try RunFinished(from: decoder))
        }
    }
}
