// What a Relay client writes against the schema: refetchable fragments, paginated connections, deletion from a list.
import { graphql } from "relay-runtime";

export const executions = graphql`
  query documentsExecutionsQuery($count: Int!, $cursor: String) {
    ...documents_executions @arguments(count: $count, cursor: $cursor)
  }
`;

export const executionList = graphql`
  fragment documents_executions on Query
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" })
  @refetchable(queryName: "documentsExecutionsPaginationQuery") {
    executions(first: $count, after: $cursor) @connection(key: "documents_executions") {
      edges {
        node {
          id
          status
          ...documents_execution
        }
      }
    }
  }
`;

export const execution = graphql`
  fragment documents_execution on Execution
  @argumentDefinitions(count: { type: "Int", defaultValue: 100 }, cursor: { type: "String" })
  @refetchable(queryName: "documentsExecutionSpansQuery") {
    executionId
    cursor
    spans(first: $count, after: $cursor) @connection(key: "documents_execution_spans") {
      edges {
        node {
          ...documents_span
        }
      }
    }
  }
`;

export const span = graphql`
  fragment documents_span on Span
  @argumentDefinitions(count: { type: "Int", defaultValue: 50 }, cursor: { type: "String" })
  @refetchable(queryName: "documentsSpanChildrenQuery") {
    displayName
    state
    tokenUsage {
      input
      output
    }
    children(first: $count, after: $cursor) @connection(key: "documents_span_children") {
      edges {
        node {
          id
          displayName
        }
      }
    }
  }
`;

export const remove = graphql`
  mutation documentsDeleteMutation($input: DeleteExecutionInput!, $connections: [ID!]!) {
    deleteExecution(input: $input) {
      deletedExecutionId @deleteRecord @deleteEdge(connections: $connections)
    }
  }
`;

export const start = graphql`
  mutation documentsStartMutation($input: StartExecutionInput!) {
    startExecution(input: $input) {
      execution {
        id
        ...documents_execution
      }
    }
  }
`;

export const updates = graphql`
  subscription documentsUpdatesSubscription($executionId: ID!, $after: String) {
    traceUpdates(executionId: $executionId, after: $after) {
      cursor
      complete
      execution {
        id
        status
      }
      spans {
        ...documents_span
      }
      artifacts {
        id
        name
        downloadUrl
      }
    }
  }
`;
